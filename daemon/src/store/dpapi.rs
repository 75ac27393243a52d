//! The key under DPAPI, Windows' protection of a user's data: a file beside
//! the sessions that only this user, on this machine, can open. The only file
//! with unsafe code for it.

#![allow(
    unsafe_code,
    reason = "CryptProtectData and its counterpart have no safe counterpart"
)]

use std::io;
use std::ptr;

use oic_proto::Secret;
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use zeroize::{Zeroize, Zeroizing};

use super::seal::{KEY_LEN, Key};

/// `key`, as only this user can open it.
///
/// # Errors
///
/// What the system said.
pub(super) fn protect(key: &Key) -> io::Result<Zeroizing<Vec<u8>>> {
    let input = blob(key.bytes().expose())?;
    let mut output = nothing();
    // SAFETY: `input` points to bytes that outlive the call, which only reads
    // them; every optional pointer is null; `output` is ours to be written.
    let done = unsafe {
        CryptProtectData(
            &raw const input,
            ptr::null(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut output,
        )
    };
    taken(done, output)
}

/// The key that was protected so.
///
/// # Errors
///
/// What the system said: another user's, or another machine's.
pub(super) fn unprotect(file: &[u8]) -> io::Result<Key> {
    let input = blob(file)?;
    let mut output = nothing();
    // SAFETY: as in `protect`; no description is asked for.
    let done = unsafe {
        CryptUnprotectData(
            &raw const input,
            ptr::null_mut(),
            ptr::null(),
            ptr::null(),
            ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut output,
        )
    };
    let bytes = taken(done, output)?;
    let bytes = <[u8; KEY_LEN]>::try_from(bytes.as_slice());
    let bytes = bytes.map_err(|_| io::Error::other("it holds no key"))?;
    Ok(Key::new(Secret::new(bytes)))
}

fn blob(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
    Ok(CRYPT_INTEGER_BLOB {
        cbData: u32::try_from(bytes.len()).map_err(io::Error::other)?,
        // Nothing is written through it: both functions only read their input.
        pbData: bytes.as_ptr().cast_mut(),
    })
}

const fn nothing() -> CRYPT_INTEGER_BLOB {
    CRYPT_INTEGER_BLOB {
        cbData: 0,
        pbData: ptr::null_mut(),
    }
}

/// What a call gave, in memory of ours; that of the system is wiped and freed.
fn taken(done: i32, output: CRYPT_INTEGER_BLOB) -> io::Result<Zeroizing<Vec<u8>>> {
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let len = usize::try_from(output.cbData).map_err(io::Error::other)?;
    // SAFETY: the call succeeded, so `output` is `len` bytes that the system
    // allocated for us, and nobody else knows them.
    let given = unsafe { std::slice::from_raw_parts_mut(output.pbData, len) };
    let bytes = Zeroizing::new(given.to_vec());
    given.zeroize();
    // SAFETY: allocated by LocalAlloc, as the documentation of both calls has
    // it, freed once, and not looked at afterwards.
    unsafe { LocalFree(output.pbData.cast()) };
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protected_key_is_opened_by_its_user_and_hides_what_it_is() {
        let key = Key::new(Secret::new([7; KEY_LEN]));
        let file = protect(&key).unwrap();
        assert!(!file.windows(KEY_LEN).any(|it| it == [7; KEY_LEN]));
        assert_eq!(unprotect(&file).unwrap().bytes(), key.bytes());
    }

    #[test]
    fn what_was_changed_opens_nothing() {
        let key = Key::new(Secret::new([7; KEY_LEN]));
        let mut file = protect(&key).unwrap();
        let last = file.len() - 1;
        file[last] ^= 1;
        assert!(unprotect(&file).is_err());
        assert!(unprotect(b"rubbish").is_err());
    }
}
