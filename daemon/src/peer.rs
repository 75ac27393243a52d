//! Who is calling.

#[cfg(unix)]
use std::sync::OnceLock;

/// A caller, as the system vouches for it at the moment it connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its user id.
    pub uid: u32,
    /// The ids of the groups it is in; of our own user and root, who may have
    /// everything without, its own alone.
    pub groups: Vec<u32>,
    /// Its process id, for the log; `None` where the caller lives in another
    /// pid namespace. Never decide by it: the process may have executed
    /// another program since, or ended and given the id to another.
    pub pid: Option<u32>,
}

impl Peer {
    /// Whether this is our own user or root, who may have everything. The
    /// socket's mode says the same; this holds where somebody widened it, or
    /// where a directory on the way is shared.
    #[cfg(unix)]
    pub fn is_owner(&self) -> bool {
        /// Asked once: it is wanted for every request, and nothing changes it.
        static OWN_UID: OnceLock<u32> = OnceLock::new();
        let own_uid = OWN_UID.get_or_init(|| rustix::process::geteuid().as_raw());
        is_owner(self.uid, *own_uid)
    }

    /// Whether this is our own user: the pipe's access list let it in, and
    /// names its owner alone.
    #[cfg(windows)]
    pub fn is_owner(&self) -> bool {
        true
    }
}

#[cfg(unix)]
fn is_owner(uid: u32, own_uid: u32) -> bool {
    const ROOT: u32 = 0;
    uid == own_uid || uid == ROOT
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    const OWN_UID: u32 = 1000;

    #[test]
    fn our_own_user_and_root_may_have_everything() {
        assert!(is_owner(OWN_UID, OWN_UID));
        assert!(is_owner(0, OWN_UID));
    }

    #[test]
    fn another_user_is_not_served_not_even_by_root() {
        assert!(!is_owner(1001, OWN_UID));
        assert!(!is_owner(OWN_UID, 0));
    }
}
