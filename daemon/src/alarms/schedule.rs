//! What is due when: pure, and as fast for a hundred thousand as for one.

use std::collections::BTreeSet;
use std::time::Duration;

use super::BootTime;

/// Whose deadline it is: a place in [`Schedule::owners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner(u32);

/// One deadline an owner, and what belongs to it.
#[derive(Debug)]
pub struct Schedule<T> {
    /// The times of `owners`, in nanoseconds; by them first, so that the next
    /// one is the first one. Small, and nothing else in it: of a hundred
    /// thousand most are in no cache.
    due: BTreeSet<(u64, Owner)>,
    owners: Vec<Option<(BootTime, T)>>,
    /// Places of owners that are gone.
    free: Vec<Owner>,
}

impl<T> Default for Schedule<T> {
    fn default() -> Self {
        Self {
            due: BTreeSet::new(),
            owners: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Schedule<T> {
    /// An owner that has no deadline yet.
    pub fn owner(&mut self) -> Owner {
        self.free.pop().unwrap_or_else(|| {
            let owner = Owner(u32::try_from(self.owners.len()).expect("memory ends before"));
            self.owners.push(None);
            owner
        })
    }

    /// There is no such owner any more.
    pub fn forget(&mut self, owner: Owner) {
        self.unset(owner);
        self.free.push(owner);
    }

    /// The deadline that `owner` has, and what belongs to it.
    pub fn get(&self, owner: Owner) -> Option<&(BootTime, T)> {
        self.owners[owner.0 as usize].as_ref()
    }

    /// From now on `owner` has this deadline and no other.
    pub fn set(&mut self, owner: Owner, at: BootTime, what: T) {
        self.unset(owner);
        self.due.insert((nanoseconds(at), owner));
        self.owners[owner.0 as usize] = Some((at, what));
    }

    /// From now on `owner` has none.
    pub fn unset(&mut self, owner: Owner) {
        if let Some((at, _)) = self.owners[owner.0 as usize].take() {
            self.due.remove(&(nanoseconds(at), owner));
        }
    }

    /// The nearest deadline of all.
    pub fn next(&self) -> Option<BootTime> {
        let (_, owner) = self.due.first()?;
        self.get(*owner).map(|(at, _)| *at)
    }

    /// What belongs to one that has been reached by `now`; its owner has none
    /// then.
    pub fn take_due(&mut self, now: BootTime) -> Option<T> {
        let (at, owner) = *self.due.first()?;
        if at > nanoseconds(now) {
            return None;
        }
        self.due.pop_first();
        self.owners[owner.0 as usize].take().map(|(_, what)| what)
    }
}

/// Enough for five centuries, and later is never.
fn nanoseconds(at: BootTime) -> u64 {
    u64::try_from(Duration::as_nanos(&at.0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: u64) -> BootTime {
        BootTime(Duration::from_secs(second))
    }

    #[test]
    fn what_is_due_comes_in_order_and_once() {
        let mut schedule = Schedule::default();
        for at in [3, 1, 2, 1] {
            let owner = schedule.owner();
            schedule.set(owner, second(at), at);
        }
        assert_eq!(schedule.next(), Some(second(1)));
        let due = Vec::from_iter(std::iter::from_fn(|| schedule.take_due(second(2))));
        assert_eq!(due, [1, 1, 2]);
        assert_eq!(schedule.next(), Some(second(3)));
    }

    #[test]
    fn a_deadline_that_was_moved_is_not_kept_twice() {
        let mut schedule = Schedule::default();
        let (one, other) = (schedule.owner(), schedule.owner());
        schedule.set(one, second(1), "one");
        schedule.set(other, second(1), "other");
        schedule.set(one, second(5), "one, later");
        assert_eq!(schedule.take_due(second(4)), Some("other"));
        assert_eq!(schedule.take_due(second(4)), None);
        assert_eq!(schedule.take_due(second(5)), Some("one, later"));
        assert_eq!((schedule.next(), schedule.get(one)), (None, None));
    }

    #[test]
    fn an_owner_that_is_gone_leaves_its_place_and_no_deadline() {
        let mut schedule = Schedule::default();
        let gone = schedule.owner();
        schedule.set(gone, second(1), "gone");
        schedule.forget(gone);
        let new = schedule.owner();
        assert_eq!((schedule.owners.len(), schedule.get(new)), (1, None));
        assert_eq!(schedule.take_due(second(1)), None);
    }

    #[test]
    fn a_time_that_never_comes_is_last() {
        let mut schedule = Schedule::default();
        let (never, soon) = (schedule.owner(), schedule.owner());
        schedule.set(never, BootTime(Duration::MAX), "never");
        schedule.set(soon, second(1), "soon");
        assert_eq!(schedule.take_due(second(2)), Some("soon"));
        assert_eq!(schedule.next(), Some(BootTime(Duration::MAX)));
        assert_eq!(schedule.take_due(second(3)), None);
    }
}
