//! What time it is, and waking up at a time. The only file that reads a clock.

use std::time::Duration;

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

fn wall() -> UnixTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that reads the clock"
    )]
    let now = std::time::SystemTime::now();
    let seconds = |elapsed: Duration| i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    UnixTime(match now.duration_since(std::time::UNIX_EPOCH) {
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

/// Wakes its owner at a time that passes during suspend too. Keeps its timer
/// from one wait to the next: a wait that ends early costs no system call.
#[derive(Debug, Default)]
pub struct Alarm {
    #[cfg(target_os = "linux")]
    timer: timer::Timer,
}

impl Alarm {
    /// An alarm that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns when `deadline` has passed; never, if there is none. May be
    /// dropped at any time and called again, with another deadline or the
    /// same.
    pub async fn until(&mut self, deadline: Option<BootTime>) {
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
