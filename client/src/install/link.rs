//! A link by which `oic-token` has another name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Makes `place` a link to this program. What is there and not ours stays.
pub(super) fn make(place: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Install {
        what: format!("make the link {}", place.display()),
        why: error.to_string(),
    };
    let program = std::env::current_exe().map_err(failed)?;
    if fs::symlink_metadata(place).is_ok() && !is_ours(place) {
        return Err(Failure::Install {
            what: format!("make the link {}", place.display()),
            why: "something else is there; name another folder with '--dir'".to_owned(),
        });
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Under another name first: the old link answers until the new one does.
    let new = beside(place);
    // Left behind by a kill, if it is there at all.
    let _ = fs::remove_file(&new);
    link(&program, &new).map_err(failed)?;
    fs::rename(&new, place).map_err(failed)
}

/// Removes the link at `place`; whether it was there.
pub(super) fn remove(place: &Path) -> Result<bool, Failure> {
    if !is_ours(place) {
        return Ok(false);
    }
    fs::remove_file(place).map_err(|error| Failure::Install {
        what: format!("remove {}", place.display()),
        why: error.to_string(),
    })?;
    Ok(true)
}

/// Whether a link of ours is there, even one to a program that has moved.
#[cfg(unix)]
pub(super) fn is_ours(place: &Path) -> bool {
    fs::read_link(place).is_ok_and(|to| to.file_name() == Some("oic-token".as_ref()))
}

/// Links need a privilege there, so it is another name of the same file.
#[cfg(windows)]
pub(super) fn is_ours(place: &Path) -> bool {
    let len = |path: &Path| fs::metadata(path).ok().map(|it| it.len());
    let own = std::env::current_exe().ok();
    own.is_some_and(|own| len(&own).is_some() && len(&own) == len(place))
}

fn beside(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

#[cfg(unix)]
fn link(program: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, place)
}

#[cfg(windows)]
fn link(program: &Path, place: &Path) -> io::Result<()> {
    fs::hard_link(program, place)
}
