//! Which machine this is, and since when it has been up.

use crate::digest;

/// A name for this machine that no other has; `None` where the system gives
/// it none, as in many containers. A hash, because `machine-id(5)` wants the id
/// itself kept out of whatever leaves the machine, as a backup does.
pub fn name() -> Option<String> {
    Some(digest::sha256(&[b"oic-tokend ", id()?.as_bytes()]))
}

#[cfg(target_os = "linux")]
fn id() -> Option<String> {
    let text = read("/etc/machine-id")?;
    let id = text.trim_end();
    is_id(id).then(|| id.to_owned())
}

#[cfg(target_os = "linux")]
fn read(path: &str) -> Option<String> {
    use std::fs::File;
    use std::io::Read;

    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(ID_TEXT_LEN_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// An id has 32 digits and a newline (`machine-id(5)`), or 36 characters; what
/// is longer is none.
#[cfg(target_os = "linux")]
const ID_TEXT_LEN_MAX: u64 = 64;

/// Before the first boot is over, and in images for many machines, the file
/// is empty or says `uninitialized`.
#[cfg(target_os = "linux")]
fn is_id(text: &str) -> bool {
    let hexadecimal = text.bytes().all(|it| it.is_ascii_hexdigit());
    text.len() == 32 && hexadecimal && text.bytes().any(|it| it != b'0')
}

#[cfg(not(target_os = "linux"))]
fn id() -> Option<String> {
    None
}

/// A name for this boot of the machine that no other has; `None` where the
/// system gives it none.
#[cfg(target_os = "linux")]
pub fn boot() -> Option<String> {
    // random(4): a new UUID at each boot.
    let text = read("/proc/sys/kernel/random/boot_id")?;
    let id = text.trim_end();
    (id.len() == 36).then(|| id.to_owned())
}

/// A name for this boot of the machine that no other has; `None` where the
/// system gives it none.
#[cfg(not(target_os = "linux"))]
pub fn boot() -> Option<String> {
    None
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_was_never_booted_has_no_name() {
        assert!(is_id("3d1219c7c4c5404aaa1f6d2a48adfda4"));
        for text in [
            "",
            "uninitialized",
            "3d12",
            "00000000000000000000000000000000",
        ] {
            assert!(!is_id(text), "{text}");
        }
    }

    #[test]
    fn a_boot_has_one_name() {
        assert!(boot().is_some());
        assert_eq!(boot(), boot());
    }

    #[test]
    fn the_name_does_not_give_the_id_away() {
        if let (Some(name), Some(id)) = (name(), id()) {
            assert_eq!(name.len(), 64);
            assert!(!name.contains(&id));
        }
    }
}
