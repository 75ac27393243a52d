//! What a caller gets without anybody being asked for it.

use std::sync::Arc;
use std::time::Duration;

use super::Served;
use crate::audit::Noted;
use crate::clock;
use crate::peer::Peer;
use crate::profile::{Named, Shelf};

/// What a caller was handed last, and where that is noted.
#[derive(Clone, Copy, Debug)]
pub struct HandedOut {
    number: u64,
    noted: Noted,
}

impl Served {
    /// What `give` does with the frame of the access token of this profile, or
    /// of the default one, if `peer` may have it and it lies ready; that is
    /// noted before. A caller that gets the same again is known by `noted`.
    pub fn at_once<T>(
        &self,
        peer: &Peer,
        name: Option<&str>,
        min_validity: Duration,
        noted: &mut Option<HandedOut>,
        give: impl FnOnce(&[u8]) -> T,
    ) -> Option<T> {
        let shelf = self.shelf(peer, name)?;
        let now = clock::now().boot;
        shelf.hand_out(min_validity, now, |frame, named| {
            self.note(peer, named, noted);
            give(frame)
        })
    }

    fn shelf(&self, peer: &Peer, name: Option<&str>) -> Option<Arc<Shelf>> {
        let profiles = self.profiles();
        let name = name.or_else(|| profiles.default_of(peer))?;
        let offered = profiles.offered.get(name)?;
        let admitted = offered.allow.admits(peer);
        admitted.then(|| Arc::clone(offered.commands.shelf()))
    }

    fn note(&self, peer: &Peer, named: &Named, handed_out: &mut Option<HandedOut>) {
        let before = handed_out.filter(|it| it.number == named.number);
        if before.is_some_and(|it| self.audit.note_again(it.noted)) {
            return;
        }
        let (profile, token) = (&named.profile, &named.token);
        let noted = self.audit.note_granted(self.door, peer, profile, token);
        *handed_out = noted.map(|noted| HandedOut {
            number: named.number,
            noted,
        });
    }
}
