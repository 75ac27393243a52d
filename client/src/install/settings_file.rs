//! Another program's file of settings, changed so that it is whole at every
//! moment.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::private;

/// Largest file of settings that is changed, in bytes.
const SETTINGS_LEN_MAX: u64 = 1024 * 1024;

/// The user's home folder.
pub(super) fn home() -> Result<PathBuf, Failure> {
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    home.ok_or_else(|| Failure::Install {
        what: "find the home folder".to_owned(),
        why: "HOME is not set".to_owned(),
    })
}

/// Puts `change` of what is in the file at `path` in its place; an absent file
/// is an empty one. Nothing is written where nothing changes.
pub(super) fn edit(
    path: &Path,
    change: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), Failure> {
    let failed = |why: String| Failure::Install {
        what: format!("change {}", path.display()),
        why,
    };
    // Where the name is a link, the file that it leads to is meant.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = read(&path).map_err(|error| failed(error.to_string()))?;
    let after = change(&before).map_err(failed)?;
    if after == before {
        return Ok(());
    }
    replace(&path, &after).map_err(|error| failed(error.to_string()))
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(text),
        file => file?,
    };
    file.take(SETTINGS_LEN_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > SETTINGS_LEN_MAX {
        let why = format!("larger than {SETTINGS_LEN_MAX} bytes");
        return Err(io::Error::other(why));
    }
    Ok(text)
}

/// Beside it, then renamed: a program that reads meanwhile sees one or the
/// other.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".oic-new");
    let new = PathBuf::from(name);
    let _ = fs::remove_file(&new);
    let written = write(&new, text, fs::metadata(path).ok()).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

fn write(new: &Path, text: &str, before: Option<fs::Metadata>) -> io::Result<()> {
    let mut file = private::file().create_new(true).open(new)?;
    file.write_all(text.as_bytes())?;
    if let Some(before) = before {
        file.set_permissions(before.permissions())?;
    }
    file.sync_all()
}
