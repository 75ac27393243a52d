//! A token file on Unix: replaced whole, in a folder that nobody else can
//! change. Otherwise somebody could put a link in its place and have us write
//! elsewhere, or a file of theirs and have programs use their token.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, fchown, openat, renameat, statat, unlinkat,
};
use rustix::process::geteuid;

use crate::config::TokenFile;

/// Whether there are token files.
pub const IS_POSSIBLE: bool = true;

/// A folder that is shared on purpose, such as `/tmp`: only owners replace
/// what is in it.
const STICKY: u32 = 0o1000;

/// Puts a file with this token in its place.
pub(super) fn write(file: &TokenFile, access_token: &str) -> io::Result<()> {
    replace(file, access_token).map_err(|error| told(&file.path, &error))
}

/// Removes it, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = Place::find(path).and_then(|place| place.remove());
    match removed {
        // Without a folder there is no file.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|error| told(path, &error)),
    }
}

fn told(path: &Path, error: &io::Error) -> io::Error {
    io::Error::other(format!("{}: {error}", path.display()))
}

fn replace(file: &TokenFile, access_token: &str) -> io::Result<()> {
    let place = Place::find(&file.path)?;
    place.check_present()?;
    let unnamed = place.unnamed();
    // One that is there was left by a daemon that was cut off.
    let _ = unlinkat(&place.folder, &unnamed, AtFlags::empty());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let written = openat(&place.folder, &unnamed, flags, Mode::RUSR | Mode::WUSR)?;
    let done = (|| {
        let mut written = File::from(written);
        written.write_all(access_token.as_bytes())?;
        if let Some(group) = file.group {
            give(&written, group).map_err(|error| place.not_given(group, &error))?;
        }
        // After its group: or for a moment another one could read it.
        written.set_permissions(Permissions::from_mode(file.mode))?;
        // Not synced: a power cut costs no more than the write at the start.
        Ok(renameat(
            &place.folder,
            &unnamed,
            &place.folder,
            &place.name,
        )?)
    })();
    done.inspect_err(|_: &io::Error| {
        let _ = unlinkat(&place.folder, &unnamed, AtFlags::empty());
    })
}

/// Makes a file this group's. In a folder with the bit for it, it is so from the
/// start; a service that may give nothing away needs no more.
fn give(file: &File, group: u32) -> io::Result<()> {
    if file.metadata()?.gid() != group {
        fchown(file, None, Some(Gid::from_raw(group)))?;
    }
    Ok(())
}

/// A name in a folder that was looked at.
struct Place {
    folder: File,
    /// Where that is.
    path: PathBuf,
    name: PathBuf,
}

impl Place {
    fn find(path: &Path) -> io::Result<Self> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        // Links above are followed once; what they lead to is checked.
        let folder = folder.canonicalize()?;
        for (distance, folder) in folder.ancestors().enumerate() {
            check(folder, distance > 0)?;
        }
        Ok(Self {
            folder: File::open(&folder)?,
            path: folder,
            name: name.into(),
        })
    }

    fn not_given(&self, group: u32, error: &io::Error) -> io::Error {
        let folder = self.path.display();
        io::Error::other(format!(
            "it cannot be given to group {group} ({error}); run 'chgrp {group} {folder}' and \
             'chmod g+s {folder}'"
        ))
    }

    fn unnamed(&self) -> PathBuf {
        let mut name = self.name.clone().into_os_string();
        name.push(".new");
        name.into()
    }

    /// What is there already must be what we would have written: a file, and
    /// ours. Else a typing error in a configuration costs somebody a file.
    fn check_present(&self) -> io::Result<()> {
        let stat = match statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(rustix::io::Errno::NOENT) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        match is_file && stat.st_uid == geteuid().as_raw() {
            true => Ok(()),
            false => Err(io::Error::other(
                "something else is in its place, and is left alone",
            )),
        }
    }

    fn remove(&self) -> io::Result<()> {
        self.check_present()?;
        match unlinkat(&self.folder, &self.name, AtFlags::empty()) {
            Err(rustix::io::Errno::NOENT) => Ok(()),
            removed => Ok(removed?),
        }
    }
}

/// Whether only root and we decide what is in `folder`.
fn check(folder: &Path, may_be_shared: bool) -> io::Result<()> {
    let metadata = folder.metadata()?;
    let owner = metadata.uid();
    let (mode, own) = (metadata.mode() & 0o7777, geteuid().as_raw());
    if owner != 0 && owner != own {
        return Err(io::Error::other(format!(
            "{} belongs to user {owner}, and not to root or user {own}",
            folder.display()
        )));
    }
    if mode & 0o022 == 0 || may_be_shared && mode & STICKY != 0 {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "other users may change what is in {} (mode {mode:04o})",
        folder.display()
    )))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::testbed::{Scratch, mode, set_mode};

    fn file(path: PathBuf) -> TokenFile {
        TokenFile {
            path,
            mode: 0o640,
            group: Some(rustix::process::getegid().as_raw()),
        }
    }

    #[test]
    fn mode_and_group_are_as_configured_whatever_the_umask() {
        let scratch = Scratch::new();
        let file = file(scratch.path().join("token"));
        write(&file, "at").unwrap();
        assert_eq!(mode(&file.path), 0o640);
        assert_eq!(fs::metadata(&file.path).unwrap().gid(), file.group.unwrap());
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_daemon_left_that_was_cut_off_is_in_nobodys_way() {
        let scratch = Scratch::new();
        let elsewhere = scratch.file("elsewhere", "precious", 0o600);
        symlink(&elsewhere, scratch.path().join("token.new")).unwrap();
        let file = file(scratch.path().join("token"));
        write(&file, "at").unwrap();
        assert_eq!(fs::read_to_string(&file.path).unwrap(), "at");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    }

    #[test]
    fn a_link_or_folder_in_its_place_is_left_alone() {
        let scratch = Scratch::new();
        let elsewhere = scratch.file("elsewhere", "precious", 0o600);
        let (link, folder) = (scratch.path().join("token"), scratch.path().join("inner"));
        symlink(&elsewhere, &link).unwrap();
        fs::create_dir(&folder).unwrap();
        for path in [link, folder] {
            let error = write(&file(path.clone()), "at").unwrap_err();
            assert!(error.to_string().contains("something else"), "{error}");
            assert!(remove(&path).is_err());
        }
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
    }

    #[test]
    fn a_folder_that_others_may_change_is_refused() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("open");
        fs::create_dir(&folder).unwrap();
        for loose in [0o770, 0o707, 0o1777] {
            set_mode(&folder, loose);
            let error = write(&file(folder.join("token")), "at").unwrap_err();
            assert!(
                error.to_string().contains("other users may change"),
                "{error}"
            );
        }
        let inner = folder.join("inner");
        fs::create_dir(&inner).unwrap();
        set_mode(&folder, 0o777);
        assert!(
            write(&file(inner.join("token")), "at").is_err(),
            "nor one above"
        );
        set_mode(&folder, 0o755);
        set_mode(&inner, 0o700);
        write(&file(inner.join("token")), "at").unwrap();
    }

    #[test]
    fn what_is_not_there_is_removed() {
        let scratch = Scratch::new();
        remove(&scratch.path().join("token")).unwrap();
        remove(&scratch.path().join("missing/token")).unwrap();
    }
}
