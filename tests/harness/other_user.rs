//! Other users of this machine, whom a test plays where it runs as root.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::thread;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::{Home, binary};

/// Another user. Nobody need have given it a name.
#[derive(Clone, Debug)]
pub struct OtherUser {
    /// Its user id, and that of its own group.
    pub id: u32,
    /// The other groups it is in.
    pub groups: Vec<u32>,
}

impl OtherUser {
    /// The user of this id; `None`, and the reason on stderr, where we are not
    /// root.
    pub fn new(id: u32, groups: &[u32]) -> Option<Self> {
        if !geteuid().is_root() {
            eprintln!("left out: only root can play other users");
            return None;
        }
        Some(Self {
            id,
            groups: groups.to_vec(),
        })
    }

    /// What `deed` returns, done by this user, in a thread that is its own.
    ///
    /// # Panics
    ///
    /// When the deed does.
    pub fn does<T: Send>(&self, deed: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let doing = scope.spawn(|| {
                self.become_this();
                deed()
            });
            match doing.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// These calls change the calling thread alone. The groups go first: the
    /// right to change them goes with the user.
    fn become_this(&self) {
        let groups = Vec::from_iter(self.groups.iter().map(|&id| Gid::from_raw(id)));
        set_thread_groups(&groups).expect("root may");
        let group = Gid::from_raw(self.id);
        set_thread_res_gid(group, group, group).expect("root may");
        let user = Uid::from_raw(self.id);
        set_thread_res_uid(user, user, user).expect("root may");
    }
}

impl Home {
    /// Lets every user reach the socket and run `oic-token`, wherever that was
    /// built.
    ///
    /// # Panics
    ///
    /// When that fails.
    pub fn open_to_others(&self) {
        let socket = self.socket();
        let folder = socket.parent().expect("a socket lies in a folder");
        for closed in [&self.path(""), &self.path("run"), folder] {
            set_mode(closed, 0o711);
        }
        self.install("oic-token");
    }

    /// Gives everything in it to this user.
    ///
    /// # Panics
    ///
    /// When that fails.
    pub fn give_to(&self, user: &OtherUser) {
        self.install("oic-tokend");
        for owned in ["", "config.toml", "run"] {
            chown(self.path(owned), Some(user.id), Some(user.id)).expect("root may");
        }
    }

    fn install(&self, name: &str) {
        let here = self.path(name);
        // A program that anybody has open for writing cannot be run; one that
        // is linked nobody has. On another file system it is copied, by a
        // process of its own, so that no child of another test inherits it.
        let linked = std::fs::hard_link(binary(name), &here);
        let copied = || Command::new("cp").arg(binary(name)).arg(&here).status();
        let there = linked.is_ok() || copied().is_ok_and(|it| it.success());
        assert!(there, "{name} is neither linked nor copied");
        set_mode(&here, 0o755);
    }
}

/// Sets the mode of `path`.
///
/// # Panics
///
/// When that fails.
pub fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}
