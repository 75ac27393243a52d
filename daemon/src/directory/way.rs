//! The way to a directory: every directory above it, and above every link on
//! the way. Whoever may rename in one of them can put another directory in the
//! place of ours, and so take our part, or have us trust theirs.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::process::geteuid;

use super::Error;

/// Links that are followed on one way; the system follows as many.
const LINKS_MAX: u32 = 40;

/// Others may rename only what is theirs, as in `/tmp`.
const STICKY: u32 = 0o1000;

const RISK: &str = "they could put another directory in the place of ours";

/// Refuses a way on which somebody else may rename anything of ours.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let failed = |source| Error::Io {
        operation: "look at the way to",
        path: path.to_owned(),
        source,
    };
    for directory in passed(path).map_err(failed)? {
        let metadata = fs::metadata(&directory).map_err(failed)?;
        judge(directory, &metadata, geteuid().as_raw())?;
    }
    Ok(())
}

fn judge(directory: PathBuf, metadata: &fs::Metadata, own: u32) -> Result<(), Error> {
    const ROOT: u32 = 0;
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != own && owner != ROOT {
        let path = directory;
        return Err(Error::NotOurs { path, owner, own });
    }
    if mode & 0o022 == 0 || mode & STICKY != 0 {
        return Ok(());
    }
    Err(Error::Open {
        path: directory,
        mode,
        risk: RISK,
        repair: "go-w",
    })
}

/// Every directory in which the next step of the way is looked up.
fn passed(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut at = PathBuf::from("/");
    let mut ahead = steps(&std::path::absolute(path)?);
    let (mut passed, mut links) = (Vec::new(), 0);
    while let Some(step) = ahead.pop() {
        if step == ".." {
            at.pop();
            continue;
        }
        passed.push(at.clone());
        let next = at.join(&step);
        let Ok(target) = fs::read_link(&next) else {
            at = next;
            continue;
        };
        links += 1;
        if links > LINKS_MAX {
            return Err(io::Error::other("too many links"));
        }
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        ahead.extend(steps(&target));
    }
    passed.dedup();
    Ok(passed)
}

/// The last one first.
fn steps(path: &Path) -> Vec<OsString> {
    let named = |component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    let mut steps = Vec::from_iter(path.components().filter_map(named));
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use super::*;
    use crate::directory::{Others, prepare};
    use crate::testbed::{Scratch, set_mode};

    fn refusal(path: &Path) -> String {
        prepare(path, Others::Nothing).unwrap_err().to_string()
    }

    #[test]
    fn a_parent_that_others_may_write_to_is_refused_with_the_repair() {
        let scratch = Scratch::new();
        let outer = scratch.path().join("outer");
        let inner = outer.join("middle/inner");
        prepare(&inner, Others::Nothing).unwrap();
        for mode in [0o777, 0o770, 0o702] {
            set_mode(&outer, mode);
            let expected = format!(
                "{0} is open to other users (mode {mode:04o}): they could put another directory \
                 in the place of ours\nhint: run 'chmod go-w {0}'",
                outer.display()
            );
            assert_eq!(refusal(&inner), expected);
        }
        // They may rename what is theirs, and it is not.
        set_mode(&outer, 0o1777);
        prepare(&inner, Others::Nothing).unwrap();
    }

    #[test]
    fn a_way_over_links_is_looked_at_step_by_step() {
        let scratch = Scratch::new();
        let at = |name: &str| scratch.path().join(name);
        prepare(&at("good/target"), Others::Nothing).unwrap();
        prepare(&at("bad"), Others::Nothing).unwrap();
        symlink("../good/target", at("bad/second")).unwrap();
        symlink(at("bad/second"), at("first")).unwrap();
        prepare(&at("first"), Others::Nothing).unwrap();
        set_mode(&at("bad"), 0o777);
        let refusal = refusal(&at("first"));
        let bad = format!("{} is open to other users", at("bad").display());
        assert!(refusal.starts_with(&bad), "{refusal}");
        prepare(&at("good/target"), Others::Nothing).unwrap();
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let scratch = Scratch::new();
        let circle = scratch.path().join("circle");
        symlink("circle", &circle).unwrap();
        assert!(passed(&circle).is_err());
    }

    #[test]
    fn another_users_parent_is_refused() {
        const SOMEBODY: u32 = 4711;
        let scratch = Scratch::new();
        let outer = scratch.path().join("outer");
        let inner = outer.join("inner");
        prepare(&inner, Others::Nothing).unwrap();
        if chown(&outer, Some(SOMEBODY), None).is_err() {
            // Only root can give away what it has.
            return;
        }
        let refusal = refusal(&inner);
        let expected = format!("{} belongs to user {SOMEBODY}", outer.display());
        assert!(refusal.starts_with(&expected), "{refusal}");
        chown(&outer, Some(geteuid().as_raw()), None).unwrap();
    }
}
