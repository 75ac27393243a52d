//! Places for callers: how many may be connected at once, and how many of them
//! may be one user's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::heap;
use crate::peer::Peer;

/// Callers connected at once. Each costs a descriptor and about a kilobyte.
const CONNECTIONS_MAX: usize = 16 * 1024;

/// Descriptors that no caller gets: the sockets, the signals and the disk need
/// some at the worst moment.
const DESCRIPTORS_KEPT: usize = 64;

/// Likewise for each profile: a connection to its authorization server, and what
/// the service manager keeps of it.
const DESCRIPTORS_A_PROFILE: usize = 2;

/// Callers connected at once at the socket for callers from elsewhere.
const FORWARDED_MAX: usize = 256;

/// Units that are given a credential at once. More that start together wait
/// until one of these has its own: nobody may be sent away without.
const UNITS_MAX: usize = 256;

/// The part of all places that our own user, and root, may each take: three
/// quarters, so that a script of ours that has gone wild keeps out nobody else,
/// and ten thousand that want the same token at once all get in.
const SHARE_OF_OWNERS: (usize, usize) = (3, 4);

/// All of them.
const WHOLE: (usize, usize) = (1, 1);

/// The part that any other user may take: a sixteenth. What several of them do
/// together leaves the others their places.
const SHARE_OF_OTHERS: (usize, usize) = (1, 16);

/// Callers who leave memory behind that is worth looking for.
const CROWD: usize = 64;

/// The places of one socket.
#[derive(Debug)]
pub struct Places {
    total: usize,
    /// The part that our own user, and root, may each take.
    share_of_owners: (usize, usize),
    free: Arc<Semaphore>,
    /// Held for as long as it takes to count.
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    by_user: HashMap<u32, usize>,
    total: usize,
    /// The most that they were since memory was given back.
    most: usize,
}

/// A place that is free for whoever comes next; it is so again once this is
/// dropped.
pub type Free = OwnedSemaphorePermit;

/// A place that a caller has, until it is dropped.
#[derive(Debug)]
pub struct Place {
    uid: u32,
    places: Arc<Places>,
    _one: Free,
}

impl Places {
    /// As many as a process with so many descriptors and profiles can have. One
    /// there is always: who takes it can ask what is wrong.
    pub fn within(descriptors: usize, profiles: usize) -> Arc<Self> {
        let beside = FORWARDED_MAX + UNITS_MAX;
        let kept = DESCRIPTORS_KEPT + DESCRIPTORS_A_PROFILE * profiles + beside;
        let total = descriptors.saturating_sub(kept).clamp(1, CONNECTIONS_MAX);
        Self::new(total, SHARE_OF_OWNERS)
    }

    /// Those at the socket for callers from elsewhere, beside the others.
    pub fn forwarded() -> Arc<Self> {
        Self::new(FORWARDED_MAX, SHARE_OF_OWNERS)
    }

    /// Those at the socket for credentials of units, where nobody else comes
    /// than our own user and root.
    pub fn of_units() -> Arc<Self> {
        Self::new(UNITS_MAX, WHOLE)
    }

    fn new(total: usize, share_of_owners: (usize, usize)) -> Arc<Self> {
        Arc::new(Self {
            total,
            share_of_owners,
            free: Arc::new(Semaphore::new(total)),
            taken: Mutex::default(),
        })
    }

    /// A place, once there is one.
    pub async fn free(&self) -> Free {
        let free = Arc::clone(&self.free).acquire_owned().await;
        free.expect("nobody closes the places")
    }

    /// Gives a place to `peer`, unless it has its share already.
    pub fn give(self: &Arc<Self>, free: Free, peer: &Peer) -> Option<Place> {
        let share = self.share_of(peer);
        let mut taken = self.taken();
        let of_user = taken.by_user.entry(peer.uid).or_default();
        if *of_user >= share {
            return None;
        }
        *of_user += 1;
        taken.total += 1;
        taken.most = taken.most.max(taken.total);
        Some(Place {
            uid: peer.uid,
            places: Arc::clone(self),
            _one: free,
        })
    }

    fn share_of(&self, peer: &Peer) -> usize {
        let (part, of) = match peer.is_owner() {
            true => self.share_of_owners,
            false => SHARE_OF_OTHERS,
        };
        (self.total * part / of).max(1)
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing that is done under it leaves half a change behind.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(of_user) = taken.by_user.get_mut(&self.uid) {
            *of_user -= 1;
            // Users that are gone leave nothing behind.
            if *of_user == 0 {
                taken.by_user.remove(&self.uid);
            }
        }
        taken.total -= 1;
        if taken.crowd_has_left() {
            heap::give_back_soon();
        }
    }
}

impl Taken {
    /// Whether most of many have left, since this was asked last.
    fn crowd_has_left(&mut self) -> bool {
        let left = self.most >= CROWD && self.total < self.most / 2;
        if left {
            self.most = self.total;
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: u32 = 0;

    /// Neither root nor whoever runs the tests.
    const STRANGER: u32 = 4_000_000_000;

    /// As many places as this user gets of so many.
    async fn taken(places: &Arc<Places>, uid: u32) -> Vec<Place> {
        let peer = Peer {
            uid,
            groups: Vec::new(),
            pid: None,
        };
        let mut taken = Vec::new();
        while places.free.available_permits() > 0 {
            let free = places.free().await;
            match places.give(free, &peer) {
                Some(place) => taken.push(place),
                None => break,
            }
        }
        taken
    }

    #[test]
    fn callers_leave_every_profile_the_descriptors_that_it_needs() {
        let total = |descriptors, profiles| Places::within(descriptors, profiles).total;
        assert_eq!(total(1024, 1), 446);
        assert_eq!(total(4096, 1000), 1520);
        assert_eq!(total(1024, 1000), 1);
        assert_eq!(total(usize::MAX, 1000), CONNECTIONS_MAX);
    }

    #[tokio::test]
    async fn no_user_takes_the_places_of_another() {
        let places = Places::new(64, SHARE_OF_OWNERS);
        let of_stranger = taken(&places, STRANGER).await;
        assert_eq!(of_stranger.len(), 4);
        assert_eq!(taken(&places, STRANGER + 1).await.len(), 4);
        assert_eq!(taken(&places, ROOT).await.len(), 48);
    }

    #[tokio::test]
    async fn a_place_that_is_left_can_be_taken_again_and_nothing_is_kept_of_who_left() {
        let places = Places::new(64, SHARE_OF_OWNERS);
        let mut of_stranger = taken(&places, STRANGER).await;
        of_stranger.pop();
        assert_eq!(taken(&places, STRANGER).await.len(), 1);
        drop(of_stranger);
        assert!(places.taken().by_user.is_empty());
        assert_eq!(places.free.available_permits(), 64);
    }

    #[tokio::test]
    async fn no_unit_is_sent_away_while_there_is_a_place() {
        let places = Places::of_units();
        assert_eq!(taken(&places, ROOT).await.len(), UNITS_MAX);
    }

    #[tokio::test]
    async fn the_only_place_is_for_whoever_comes() {
        let places = Places::new(1, SHARE_OF_OWNERS);
        assert_eq!(taken(&places, STRANGER).await.len(), 1);
    }

    #[test]
    fn memory_is_given_back_once_most_of_a_crowd_have_left_and_not_for_each_of_them() {
        let mut taken = Taken::default();
        let mut leave = |most, left: &[usize]| {
            taken.most = most;
            let asked = left.iter().map(|total| {
                taken.total = *total;
                taken.crowd_has_left()
            });
            Vec::from_iter(asked)
        };
        assert_eq!(
            leave(100, &[99, 51, 49, 48, 0]),
            [false, false, true, false, false]
        );
        assert_eq!(leave(CROWD - 1, &[0]), [false], "too few");
    }
}
