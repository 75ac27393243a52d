//! Who listens at the socket: a stranger who got there first could hand out
//! tokens of an account of its own, and read what scripts send with them.

use std::path::Path;

use super::transport::Stream;
#[cfg(unix)]
pub use unix::{User, another_user, check, remedy};
#[cfg(windows)]
pub use windows::{User, another_user, check, remedy};

#[cfg(unix)]
mod unix {
    use oic_proto::place::OF_COMPUTER;

    use super::{Path, Stream};
    use crate::call::Unsent;
    use crate::call::transport;

    /// A user id.
    pub type User = u32;

    /// The variable that names, by its number, another user whose daemon may
    /// be asked.
    const USER_VARIABLE: &str = "OIC_TOKEND_UID";

    const ROOT: u32 = 0;

    /// Whether the daemon at the other end may be asked.
    ///
    /// # Errors
    ///
    /// The user it runs as, which is neither our own nor root nor the one that
    /// `$OIC_TOKEND_UID` names.
    pub fn check(stream: &Stream, place: &Path) -> Result<(), Unsent> {
        let Some(user) = another_user(stream, place) else {
            return Ok(());
        };
        let told = std::env::var(USER_VARIABLE).ok();
        let told = told.and_then(|uid| uid.parse().ok());
        if is_trusted(user, told, place) {
            Ok(())
        } else {
            Err(Unsent::Stranger(user))
        }
    }

    /// What helps where `user` is to be trusted.
    pub fn remedy(user: &User) -> String {
        format!("if that is the daemon's user, say so: 'export {USER_VARIABLE}={user}'")
    }

    fn is_trusted(user: u32, told: Option<u32>, place: &Path) -> bool {
        user == ROOT || told == Some(user) || place == Path::new(OF_COMPUTER)
    }

    /// The user at the other end, if it is not the one at this end. A daemon
    /// in another pid namespace has no credentials here; then the owner of the
    /// socket tells.
    pub fn another_user(stream: &Stream, place: &Path) -> Option<u32> {
        use std::os::unix::fs::MetadataExt;

        let peer = transport::peer_user(stream);
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
            assert!(is_trusted(STRANGER, None, Path::new(OF_COMPUTER)));
            assert!(is_trusted(ROOT, None, elsewhere));
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::io::AsHandle;

    use oic_proto::sid;

    use super::{Path, Stream};
    use crate::call::Unsent;

    /// A security identifier.
    pub type User = sid::Sid;

    /// Whether the daemon at the other end may be asked: whether the pipe is
    /// our own user's. Nobody can make one in the name of another.
    ///
    /// # Errors
    ///
    /// Whose it is, or why the system does not say.
    pub fn check(stream: &Stream, _: &Path) -> Result<(), Unsent> {
        let owner = sid::of_owner(stream.as_handle())?;
        if owner == sid::of_user()? {
            Ok(())
        } else {
            Err(Unsent::Stranger(owner))
        }
    }

    /// What helps.
    pub fn remedy(_: &User) -> String {
        "somebody took the name of the daemon's pipe; both programs meet at another one where \
         OIC_TOKEND_SOCKET names it"
            .to_owned()
    }

    /// None: a stranger's pipe has not been asked anything.
    pub fn another_user(_: &Stream, _: &Path) -> Option<User> {
        None
    }
}
