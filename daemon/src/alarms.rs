//! One timer for all profiles: a timer of the kernel's for each would cost a
//! descriptor for each.

mod schedule;

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::clock::{self, Alarm, BootAlarm};
use crate::lifecycle::BootTime;
use schedule::{Owner, Schedule};

/// The alarms of all profiles.
#[derive(Debug)]
pub struct Alarms {
    all: Arc<All>,
    ringing: AbortHandle,
}

#[derive(Debug, Default)]
struct All {
    /// Held for as long as it takes to look.
    schedule: Mutex<Schedule<Waker>>,
    /// There is a deadline before all others; or beside the first: looking once
    /// more is cheaper than knowing.
    sooner: Notify,
}

/// The alarm of one profile.
#[derive(Debug)]
pub struct SharedAlarm {
    all: Arc<All>,
    owner: Owner,
}

impl Alarms {
    /// Alarms that go off until this is dropped.
    pub fn start() -> Self {
        let all = Arc::<All>::default();
        let ringing = tokio::spawn(Arc::clone(&all).ring()).abort_handle();
        Self { all, ringing }
    }

    /// One that is not set.
    pub fn alarm(&self) -> SharedAlarm {
        SharedAlarm {
            all: Arc::clone(&self.all),
            owner: self.all.schedule().owner(),
        }
    }
}

impl Drop for Alarms {
    fn drop(&mut self) {
        self.ringing.abort();
    }
}

impl All {
    async fn ring(self: Arc<Self>) {
        let mut timer = BootAlarm::default();
        loop {
            let next = self.schedule().next();
            tokio::select! {
                () = self.sooner.notified() => {}
                () = timer.until(next) => self.wake_due(),
            }
        }
    }

    fn wake_due(&self) {
        let now = clock::now().boot;
        let next = || self.schedule().take_due(now);
        std::iter::from_fn(next).for_each(Waker::wake);
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule<Waker>> {
        // Nothing that is done under it leaves half a change behind.
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Alarm for SharedAlarm {
    fn until(&mut self, deadline: Option<BootTime>) -> impl Future<Output = ()> + Send {
        poll_fn(move |context| self.poll(deadline, context))
    }
}

impl SharedAlarm {
    fn poll(&self, deadline: Option<BootTime>, context: &Context<'_>) -> Poll<()> {
        match deadline {
            None => self.unset(),
            Some(at) if at <= clock::now().boot => {
                self.unset();
                return Poll::Ready(());
            }
            Some(at) => self.set(at, context.waker()),
        }
        Poll::Pending
    }

    fn set(&self, at: BootTime, waker: &Waker) {
        let mut schedule = self.all.schedule();
        let is_set = |(set_to, known): &(BootTime, Waker)| *set_to == at && known.will_wake(waker);
        if schedule.get(self.owner).is_some_and(is_set) {
            return;
        }
        schedule.set(self.owner, at, waker.clone());
        if schedule.next() == Some(at) {
            self.all.sooner.notify_one();
        }
    }

    fn unset(&self) {
        self.all.schedule().unset(self.owner);
    }
}

impl Drop for SharedAlarm {
    fn drop(&mut self) {
        self.all.schedule().forget(self.owner);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Long enough that a test which waits for it is seen to hang.
    const FAR: Duration = Duration::from_secs(24 * 3600);

    /// After which a test has failed.
    const DEADLINE: Duration = Duration::from_secs(10);

    fn in_future(delay: Duration) -> Option<BootTime> {
        Some(clock::now().boot.after(delay))
    }

    /// Whether the alarm goes off before anything has had time to happen.
    async fn goes_off_at_once(alarm: &mut SharedAlarm, deadline: Option<BootTime>) -> bool {
        tokio::select! {
            biased;
            () = alarm.until(deadline) => true,
            () = std::future::ready(()) => false,
        }
    }

    /// Waits for the alarm, and sees that it did not go off early.
    async fn goes_off_at(alarm: &mut SharedAlarm, deadline: Option<BootTime>) {
        let waited = tokio::time::timeout(DEADLINE, alarm.until(deadline)).await;
        assert!(waited.is_ok() && Some(clock::now().boot) >= deadline);
    }

    #[tokio::test]
    async fn each_alarm_goes_off_at_its_own_deadline_whichever_was_set_first() {
        let alarms = Alarms::start();
        let (mut far, mut near) = (alarms.alarm(), alarms.alarm());
        let (later, sooner) = (
            in_future(Duration::from_millis(60)),
            in_future(Duration::from_millis(20)),
        );
        let order = Mutex::new(Vec::new());
        let wait = async |alarm, deadline, name| {
            goes_off_at(alarm, deadline).await;
            order.lock().unwrap().push(name);
        };
        tokio::join!(
            wait(&mut far, later, "far"),
            wait(&mut near, sooner, "near")
        );
        assert_eq!(*order.lock().unwrap(), ["near", "far"]);
    }

    #[tokio::test]
    async fn a_deadline_that_has_passed_does_not_wait_and_none_waits_forever() {
        let mut alarm = Alarms::start().alarm();
        assert!(goes_off_at_once(&mut alarm, Some(clock::now().boot)).await);
        assert!(!goes_off_at_once(&mut alarm, None).await);
    }

    #[tokio::test]
    async fn a_wait_that_was_dropped_is_taken_up_with_another_deadline() {
        let alarms = Alarms::start();
        let mut alarm = alarms.alarm();
        assert!(!goes_off_at_once(&mut alarm, in_future(FAR)).await);
        goes_off_at(&mut alarm, in_future(Duration::from_millis(10))).await;
        assert!(!goes_off_at_once(&mut alarm, in_future(FAR)).await);
    }

    #[tokio::test]
    async fn nothing_is_left_of_an_alarm_that_is_gone_or_waits_for_nothing() {
        let alarms = Alarms::start();
        let mut alarm = alarms.alarm();
        for forget in [true, false] {
            assert!(!goes_off_at_once(&mut alarm, in_future(FAR)).await);
            assert!(alarms.all.schedule().next().is_some());
            if forget {
                assert!(!goes_off_at_once(&mut alarm, None).await);
            } else {
                alarm = alarms.alarm();
            }
            assert_eq!(alarms.all.schedule().next(), None);
        }
    }
}
