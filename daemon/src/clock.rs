//! What time it is, and waking up at a time. The only file that reads a clock.

use std::future::Future;
use std::time::{Duration, SystemTime};

use oic_proto::message::UnixTime;

use crate::lifecycle::{BootTime, Now};

/// Longest sleep where the system has no timer that goes on while the machine
/// sleeps. tokio's timers stand still then, so a token that expired in the
/// night would be noticed hours late; looking again this often bounds that.
const RECHECK_MAX: Duration = Duration::from_secs(20);

/// Now, by both clocks.
pub fn now() -> Now {
    Now {
        boot: boot(),
        wall: wall(),
    }
}

/// What the clock on the wall shows, to the last digit: for the log.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that reads the clock"
)]
pub fn wall_exactly() -> SystemTime {
    SystemTime::now()
}

fn wall() -> UnixTime {
    let seconds = |elapsed: Duration| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    UnixTime(match wall_exactly().duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    })
}

#[cfg(unix)]
fn boot() -> BootTime {
    use rustix::time::{ClockId, clock_gettime};

    // On Linux CLOCK_MONOTONIC stops during suspend; elsewhere there is no
    // other one, and on macOS it goes on.
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let now = clock_gettime(clock);
    BootTime(Duration::try_from(now).unwrap_or_default())
}

/// Since the first look at the clock rather than since boot: only differences
/// matter, and none survives the process.
#[cfg(not(unix))]
fn boot() -> BootTime {
    use std::sync::LazyLock;
    use std::time::Instant;

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that reads the clock"
    )]
    static FIRST_LOOK: LazyLock<Instant> = LazyLock::new(Instant::now);
    BootTime(FIRST_LOOK.elapsed())
}

/// Wakes its owner at a time.
pub trait Alarm: Send + 'static {
    /// Returns when `deadline` has passed; never, if there is none. May be
    /// dropped at any time and called again, with another deadline or the
    /// same.
    fn until(&mut self, deadline: Option<BootTime>) -> impl Future<Output = ()> + Send;
}

/// An alarm whose time passes during suspend too. Keeps its timer from one
/// wait to the next: a wait that ends early costs no system call.
#[derive(Debug, Default)]
pub struct BootAlarm {
    #[cfg(target_os = "linux")]
    timer: timer::Timer,
}

impl Alarm for BootAlarm {
    async fn until(&mut self, deadline: Option<BootTime>) {
        let Some(deadline) = deadline else {
            return std::future::pending().await;
        };
        loop {
            let remaining = deadline.since(boot());
            if remaining.is_zero() {
                return;
            }
            #[cfg(target_os = "linux")]
            if self.timer.expire(deadline).await.is_ok() {
                continue;
            }
            tokio::time::sleep(remaining.min(RECHECK_MAX)).await;
        }
    }
}

/// A timer on CLOCK_BOOTTIME: it fires at once on resume if its time passed
/// during suspend, and costs nothing while it waits.
#[cfg(target_os = "linux")]
mod timer {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::BootTime;

    #[derive(Debug, Default)]
    pub(super) struct Timer {
        descriptor: Option<AsyncFd<OwnedFd>>,
        /// What the kernel's timer is set to, so that waiting for the same
        /// deadline again does not set it again.
        set_to: Option<BootTime>,
    }

    impl Timer {
        /// Waits until the timer, set to `deadline`, has fired. An error means
        /// that there is no such timer here.
        pub(super) async fn expire(&mut self, deadline: BootTime) -> io::Result<()> {
            self.set(deadline)?;
            let descriptor = self.descriptor()?;
            loop {
                let mut ready = descriptor.readable().await?;
                let read = |descriptor: &AsyncFd<OwnedFd>| {
                    let mut expirations = [0; 8];
                    Ok(rustix::io::read(descriptor, &mut expirations)?)
                };
                // Set to another deadline meanwhile, the timer is readable no
                // more: then the next round waits.
                if let Ok(fired) = ready.try_io(read) {
                    fired?;
                    self.set_to = None;
                    return Ok(());
                }
            }
        }

        fn set(&mut self, deadline: BootTime) -> io::Result<()> {
            if self.set_to == Some(deadline) {
                return Ok(());
            }
            let never_again = Timespec::try_from(Duration::ZERO).map_err(io::Error::other)?;
            let at = Itimerspec {
                it_interval: never_again,
                it_value: Timespec::try_from(deadline.0).map_err(io::Error::other)?,
            };
            timerfd_settime(self.descriptor()?, TimerfdTimerFlags::ABSTIME, &at)?;
            self.set_to = Some(deadline);
            Ok(())
        }

        fn descriptor(&mut self) -> io::Result<&AsyncFd<OwnedFd>> {
            if self.descriptor.is_none() {
                let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
                let timer = timerfd_create(TimerfdClockId::Boottime, flags)?;
                self.descriptor = Some(register(timer)?);
            }
            self.descriptor
                .as_ref()
                .ok_or(io::ErrorKind::NotFound.into())
        }
    }

    #[expect(
        unsafe_code,
        reason = "tokio cannot see that the descriptor stays open"
    )]
    fn register(timer: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
        // SAFETY: an `OwnedFd` is open as long as it lives, and this one is
        // never exchanged for another.
        Ok(unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) }?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough that a test which waits for it is seen to hang.
    const FAR: Duration = Duration::from_secs(24 * 3600);

    /// After which a test has failed.
    const DEADLINE: Duration = Duration::from_secs(10);

    fn in_future(delay: Duration) -> Option<BootTime> {
        Some(now().boot.after(delay))
    }

    /// Whether the alarm goes off before anything has had time to happen.
    async fn goes_off_at_once(alarm: &mut BootAlarm, deadline: Option<BootTime>) -> bool {
        tokio::select! {
            biased;
            () = alarm.until(deadline) => true,
            () = std::future::ready(()) => false,
        }
    }

    /// Waits for the alarm, and sees that it did not go off early.
    async fn goes_off_at(alarm: &mut BootAlarm, deadline: Option<BootTime>) {
        let waited = tokio::time::timeout(DEADLINE, alarm.until(deadline)).await;
        assert!(waited.is_ok() && Some(now().boot) >= deadline);
    }

    #[tokio::test]
    async fn an_alarm_goes_off_at_its_deadline_and_not_before() {
        let deadline = in_future(Duration::from_millis(30));
        goes_off_at(&mut BootAlarm::default(), deadline).await;
    }

    #[tokio::test]
    async fn a_deadline_that_has_passed_does_not_wait() {
        let mut alarm = BootAlarm::default();
        assert!(goes_off_at_once(&mut alarm, Some(now().boot)).await);
        assert!(goes_off_at_once(&mut alarm, Some(BootTime(Duration::ZERO))).await);
    }

    #[tokio::test]
    async fn without_a_deadline_an_alarm_never_goes_off() {
        assert!(!goes_off_at_once(&mut BootAlarm::default(), None).await);
    }

    #[tokio::test]
    async fn a_wait_that_was_dropped_is_taken_up_with_another_deadline() {
        let mut alarm = BootAlarm::default();
        assert!(!goes_off_at_once(&mut alarm, in_future(FAR)).await);
        goes_off_at(&mut alarm, in_future(Duration::from_millis(10))).await;
        assert!(!goes_off_at_once(&mut alarm, in_future(FAR)).await);
    }

    #[tokio::test]
    async fn an_alarm_that_went_off_unheard_does_not_cut_the_next_wait_short() {
        let mut alarm = BootAlarm::default();
        let unheard = in_future(Duration::from_millis(5));
        assert!(!goes_off_at_once(&mut alarm, unheard).await);
        goes_off_at(&mut BootAlarm::default(), unheard).await;
        goes_off_at(&mut alarm, in_future(Duration::from_millis(20))).await;
    }

    #[test]
    fn the_wall_clock_is_past_the_day_this_was_written() {
        assert!(now().wall > UnixTime(1_767_225_600));
    }

    /// `/proc/uptime` counts suspend, CLOCK_MONOTONIC does not.
    #[cfg(target_os = "linux")]
    #[test]
    fn time_since_boot_is_the_uptime_that_the_system_shows() {
        let before = now().boot;
        let text = std::fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = text.split(' ').next().unwrap().parse().unwrap();
        let uptime = BootTime(Duration::from_secs_f64(uptime));
        // It is shown in hundredths of a second.
        let slack = Duration::from_millis(20);
        assert!(uptime.after(slack) >= before && now().boot.after(slack) >= uptime);
    }
}
