//! Who is calling, and whether we serve them.

use crate::listener::Connection;

/// A caller, as the system vouches for it at the moment it connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its user id.
    pub uid: u32,
    /// Its process id, for the log; `None` where the caller lives in another
    /// pid namespace. Never decide by it: the process may have executed
    /// another program since, or ended and given the id to another.
    pub pid: Option<u32>,
}

/// Whether this caller may be served: our own user and root may. The socket's
/// mode says the same; this holds where somebody widened it, or where a
/// directory on the way is shared.
#[cfg(unix)]
pub fn may_connect(connection: &Connection) -> bool {
    let own_uid = rustix::process::geteuid().as_raw();
    connection.peer().is_ok_and(|peer| is_served(peer, own_uid))
}

/// Whether this caller may be served: the pipe's access list let it in, and
/// names its owner alone.
#[cfg(windows)]
pub fn may_connect(_: &Connection) -> bool {
    true
}

#[cfg(unix)]
fn is_served(peer: Peer, own_uid: u32) -> bool {
    const ROOT: u32 = 0;
    peer.uid == own_uid || peer.uid == ROOT
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const OWN_UID: u32 = 1000;

    fn caller(uid: u32) -> Peer {
        Peer {
            uid,
            pid: Some(4711),
        }
    }

    #[test]
    fn our_own_user_and_root_are_served() {
        assert!(is_served(caller(OWN_UID), OWN_UID));
        assert!(is_served(caller(0), OWN_UID));
    }

    #[test]
    fn another_user_is_not_served_not_even_by_root() {
        assert!(!is_served(caller(1001), OWN_UID));
        assert!(!is_served(caller(OWN_UID), 0));
    }

    #[test]
    fn a_caller_of_another_pid_namespace_is_served() {
        let unnamed = Peer {
            uid: OWN_UID,
            pid: None,
        };
        assert!(is_served(unnamed, OWN_UID));
    }
}
