//! Who listens at the socket: a stranger who got there first could hand out
//! tokens of an account of its own, and read what scripts send with them.

use std::path::Path;

use interprocess::local_socket::Stream;

#[cfg(unix)]
pub use unix::{another_user, check};

#[cfg(unix)]
mod unix {
    use interprocess::local_socket::prelude::*;

    use super::{Path, Stream};

    /// The variable that names, by its number, another user whose daemon may
    /// be asked.
    const USER_VARIABLE: &str = "OIC_TOKEND_UID";

    /// Where a system service listens, under whatever user: nobody but root
    /// can let anybody listen there.
    const SYSTEM_PLACE: &str = "/run/oic-tokend/socket";

    const ROOT: u32 = 0;

    /// Whether the daemon at the other end may be asked.
    ///
    /// # Errors
    ///
    /// The user it runs as, which is neither our own nor root nor the one that
    /// `$OIC_TOKEND_UID` names.
    pub fn check(stream: &Stream, place: &Path) -> Result<(), u32> {
        let Some(user) = another_user(stream, place) else {
            return Ok(());
        };
        let told = std::env::var(USER_VARIABLE).ok();
        let told = told.and_then(|uid| uid.parse().ok());
        if is_trusted(user, told, place) {
            Ok(())
        } else {
            Err(user)
        }
    }

    fn is_trusted(user: u32, told: Option<u32>, place: &Path) -> bool {
        user == ROOT || told == Some(user) || place == Path::new(SYSTEM_PLACE)
    }

    /// The user at the other end, if it is not the one at this end. A daemon
    /// in another pid namespace has no credentials here; then the owner of the
    /// socket tells.
    pub fn another_user(stream: &Stream, place: &Path) -> Option<u32> {
        use std::os::unix::fs::MetadataExt;

        let peer = stream.peer_creds().ok().and_then(|peer| peer.euid());
        // A socket whose queue is full is not connected to anybody.
        let peer = peer.filter(|uid| *uid != u32::MAX);
        let owner = || std::fs::metadata(place).ok().map(|socket| socket.uid());
        let user = peer.or_else(owner)?;
        (user != rustix::process::geteuid().as_raw()).then_some(user)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const STRANGER: u32 = 4711;

        #[test]
        fn a_stranger_is_trusted_nowhere_but_where_root_put_it() {
            let elsewhere = Path::new("/run/user/1000/oic-tokend/socket");
            assert!(!is_trusted(STRANGER, None, elsewhere));
            assert!(!is_trusted(STRANGER, Some(4712), elsewhere));
            assert!(is_trusted(STRANGER, Some(STRANGER), elsewhere));
            assert!(is_trusted(STRANGER, None, Path::new(SYSTEM_PLACE)));
            assert!(is_trusted(ROOT, None, elsewhere));
        }
    }
}

/// The name of a named pipe holds its user's security identifier.
#[cfg(windows)]
pub fn check(_: &Stream, _: &Path) -> Result<(), u32> {
    Ok(())
}

/// The access list of a named pipe has turned others away before.
#[cfg(windows)]
pub fn another_user(_: &Stream, _: &Path) -> Option<u32> {
    None
}
