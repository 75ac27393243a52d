//! The users and groups of this system, by name: what its name service says,
//! be that a file, a directory server, or systemd.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a name service may take for one name: a directory server that is
/// far away answers in a second, one that is gone never does.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// The id of the user of this name, or with this id; `None`: there is none of
/// this name.
///
/// # Errors
///
/// The name service does not say, in words.
pub fn user(name: &str) -> Result<Option<u32>, String> {
    numbered_or(name, system::user)
}

/// Likewise of a group.
///
/// # Errors
///
/// Likewise.
pub fn group(name: &str) -> Result<Option<u32>, String> {
    numbered_or(name, system::group)
}

/// A number is an id as it stands: containers have users that nobody named.
fn numbered_or(
    name: &str,
    look_up: fn(&str) -> Result<Option<u32>, String>,
) -> Result<Option<u32>, String> {
    /// `chown(2)` and others take it for "leave as it is".
    const NOBODY_AT_ALL: u32 = u32::MAX;
    if let Ok(id) = name.parse() {
        return Ok(Some(id).filter(|&id| id != NOBODY_AT_ALL));
    }
    in_time(name.to_owned(), look_up)
}

/// The system's own calls know no time-out. A thread whose answer nobody waits
/// for any more is left to itself: there is one for each name at most.
fn in_time(
    name: String,
    look_up: fn(&str) -> Result<Option<u32>, String>,
) -> Result<Option<u32>, String> {
    let (sender, answer) = mpsc::channel();
    let asking = thread::Builder::new().name("accounts".to_owned());
    asking
        .spawn(move || sender.send(look_up(&name)))
        .map_err(|error| format!("it cannot be asked for: {error}"))?;
    answer
        .recv_timeout(ANSWER_MAX)
        .unwrap_or_else(|_| Err(format!("no answer in {} s", ANSWER_MAX.as_secs())))
}

#[cfg(unix)]
mod system {
    use nix::unistd::{Group, User};

    pub(super) fn user(name: &str) -> Result<Option<u32>, String> {
        let found = User::from_name(name).map_err(|error| error.desc().to_owned())?;
        Ok(found.map(|user| user.uid.as_raw()))
    }

    pub(super) fn group(name: &str) -> Result<Option<u32>, String> {
        let found = Group::from_name(name).map_err(|error| error.desc().to_owned())?;
        Ok(found.map(|group| group.gid.as_raw()))
    }
}

/// Users have security identifiers there, and the pipe's access list lets in
/// its owner alone.
#[cfg(not(unix))]
mod system {
    pub(super) fn user(_: &str) -> Result<Option<u32>, String> {
        Err("other users are not served on this system".to_owned())
    }

    pub(super) use user as group;
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn root_has_the_id_zero_and_a_number_is_an_id() {
        assert_eq!(user("root"), Ok(Some(0)));
        assert_eq!(user("4711"), Ok(Some(4711)));
        assert_eq!(group("4711"), Ok(Some(4711)));
    }

    #[test]
    fn a_name_that_nobody_has_and_a_number_that_is_none_are_nobodys() {
        for nobody in ["no-such-account", "", "ro\0ot", "4294967295", "-1"] {
            assert_eq!(user(nobody), Ok(None), "{nobody:?}");
            assert_eq!(group(nobody), Ok(None), "{nobody:?}");
        }
    }
}
