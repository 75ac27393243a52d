//! Who may have which profile. Pure.

use std::collections::BTreeSet;

use oic_proto::Request;

use crate::peer::Peer;

/// Who may have a profile's access tokens besides our own user and root. An
/// empty one names nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    /// By their ids.
    pub users: BTreeSet<u32>,
    /// Whoever is in one of these, by their ids.
    pub groups: BTreeSet<u32>,
}

impl AllowList {
    /// Whether it names anybody.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }

    /// Whether `peer` may have what this list is of.
    pub fn admits(&self, peer: &Peer) -> bool {
        let of_group = |group| self.groups.contains(group);
        peer.is_owner() || self.users.contains(&peer.uid) || peer.groups.iter().any(of_group)
    }
}

/// Which socket a caller came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// That of this machine.
    Here,
    /// The one that is passed on to other machines and into containers: who
    /// calls there is whoever passes it on, and never who asks.
    Forward,
    /// The one at which systemd asks for credentials of units. No request is
    /// read there: the address of the caller is all that it says.
    Units,
}

impl Door {
    /// Whether `peer` may ask this at all.
    ///
    /// A login decides whose tokens everybody gets, and a logout takes them
    /// from everybody; passphrases and examinations are the daemon's own affair:
    /// all of that is for our own user and root, and at this machine.
    /// From elsewhere there is nothing but the token: not how things stand, and
    /// nothing that costs a request to the authorization server.
    pub fn takes(self, peer: &Peer, request: &Request) -> bool {
        match request {
            Request::GetToken { force, .. } => self == Self::Here || !force,
            Request::GetTokenFor { .. } => true,
            Request::RejectToken { .. }
            | Request::RejectTokenFor { .. }
            | Request::ListMappings
            | Request::Status { .. } => self == Self::Here,
            Request::Login { .. }
            | Request::Logout { .. }
            | Request::Examine { .. }
            | Request::Metrics
            | Request::Unlock { .. }
            | Request::SetPassphrase { .. } => self == Self::Here && peer.is_owner(),
        }
    }

    /// Whether `peer` may know which profiles there are.
    pub fn tells_all(self, peer: &Peer) -> bool {
        self != Self::Forward && peer.is_owner()
    }

    /// Whether whoever may have a profile may come in here. Systemd is root, or
    /// our own user's: anybody else could call itself by any unit's name.
    pub fn is_for_others(self) -> bool {
        self != Self::Units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neither root nor whoever runs the tests.
    const STRANGER: u32 = 4_000_000_000;

    const OPS: u32 = 4711;

    fn caller(uid: u32, groups: &[u32]) -> Peer {
        Peer {
            uid,
            groups: groups.to_vec(),
            pid: None,
        }
    }

    fn list(users: &[u32], groups: &[u32]) -> AllowList {
        AllowList {
            users: users.iter().copied().collect(),
            groups: groups.iter().copied().collect(),
        }
    }

    #[test]
    fn an_empty_list_admits_our_own_user_and_root_alone() {
        assert!(list(&[], &[]).admits(&caller(0, &[])));
        assert!(!list(&[], &[]).admits(&caller(STRANGER, &[0])));
    }

    #[test]
    fn a_user_is_admitted_by_its_id_or_by_any_of_its_groups() {
        assert!(list(&[STRANGER], &[]).admits(&caller(STRANGER, &[])));
        assert!(list(&[], &[OPS]).admits(&caller(STRANGER, &[1, OPS])));
        assert!(!list(&[STRANGER - 1], &[OPS]).admits(&caller(STRANGER, &[1, 2])));
    }

    #[test]
    fn a_groups_number_is_no_users() {
        assert!(!list(&[OPS], &[STRANGER]).admits(&caller(STRANGER, &[OPS])));
    }
}
