//! Who somebody is on Windows: a security identifier, as text.

#![allow(
    unsafe_code,
    reason = "the system's own calls about users have no safe counterpart"
)]

use std::fmt;
use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, GetSecurityInfo, SE_KERNEL_OBJECT,
};
use windows_sys::Win32::Security::{
    GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, SECURITY_MAX_SID_SIZE, TOKEN_QUERY,
    TOKEN_USER, TokenUser,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, OpenProcessToken, PROCESS_QUERY_LIMITED_INFORMATION,
};

/// Room for what is said of a token's user, in words that are aligned for it.
const USER_WORDS: usize =
    (size_of::<TOKEN_USER>() + SECURITY_MAX_SID_SIZE as usize).div_ceil(size_of::<u64>());

/// Most letters of a security identifier: "S-1-", a number of 48 bits and 15 of
/// 32, each with a hyphen.
const LETTERS_MAX: usize = 4 + 15 + 15 * 11;

/// A security identifier: `S-1-5-21-…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sid(String);

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Our own user.
///
/// # Errors
///
/// What the system said.
pub fn of_user() -> io::Result<Sid> {
    // SAFETY: it takes nothing and gives a constant, which nobody closes.
    of_process_handle(unsafe { GetCurrentProcess() })
}

/// The user that the process with this id runs as.
///
/// # Errors
///
/// What the system said: it shows nobody the processes of somebody else.
pub fn of_process(id: u32) -> io::Result<Sid> {
    // SAFETY: no pointer is passed.
    let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, id) };
    of_process_handle(owned(process)?.as_raw_handle())
}

/// The owner of a pipe or another object of the kernel. Without a privilege of
/// administrators nobody makes one in the name of somebody else.
///
/// # Errors
///
/// What the system said.
pub fn of_owner(object: BorrowedHandle<'_>) -> io::Result<Sid> {
    let mut owner: PSID = ptr::null_mut();
    let mut descriptor = ptr::null_mut();
    // SAFETY: the handle is open; both results are ours to be written, and the
    // others are not asked for.
    let code = unsafe {
        GetSecurityInfo(
            object.as_raw_handle(),
            SE_KERNEL_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if code != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    // SAFETY: the call succeeded, so `owner` is null or points into
    // `descriptor`, which is still there.
    let sid = unsafe { text(owner) };
    // SAFETY: allocated by LocalAlloc, as the documentation has it, freed once,
    // and not looked at afterwards.
    unsafe { LocalFree(descriptor) };
    sid
}

fn of_process_handle(process: HANDLE) -> io::Result<Sid> {
    let mut token = ptr::null_mut();
    // SAFETY: `process` is open, `token` ours to be written.
    let opened = unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) };
    let token = owned(if opened == 0 { ptr::null_mut() } else { token })?;
    let mut user = [0_u64; USER_WORDS];
    let len = u32::try_from(size_of_val(&user)).map_err(io::Error::other)?;
    let mut written = 0;
    // SAFETY: the token is open, and `user` has room for `len` bytes.
    let told = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            user.as_mut_ptr().cast(),
            len,
            &raw mut written,
        )
    };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so a TOKEN_USER is at the start of `user`,
    // which is aligned for it, and points to a SID within it.
    unsafe { text((*user.as_ptr().cast::<TOKEN_USER>()).User.Sid) }
}

/// # Safety
///
/// `sid` is null or points to a security identifier.
unsafe fn text(sid: PSID) -> io::Result<Sid> {
    let mut text = ptr::null_mut();
    // SAFETY: a null pointer is refused, and any other the caller vouches for.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut letters = String::new();
    for at in 0..LETTERS_MAX {
        // SAFETY: the text ends with a zero, before which we stop.
        let letter = unsafe { *text.add(at) };
        if letter == 0 {
            break;
        }
        letters.extend(char::from_u32(letter.into()));
    }
    // SAFETY: allocated by LocalAlloc, as the documentation has it, freed once,
    // and not looked at afterwards.
    unsafe { LocalFree(text.cast()) };
    Ok(Sid(letters))
}

fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened for us, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_who_our_process_runs_as() {
        let sid = of_user().unwrap();
        assert!(sid.to_string().starts_with("S-1-"), "{sid}");
        assert_eq!(of_process(std::process::id()).unwrap(), sid);
    }

    #[test]
    fn of_no_process_there_is_no_user() {
        of_process(u32::MAX).unwrap_err();
    }
}
