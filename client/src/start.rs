//! How this program starts and ends.
//!
//! What Rust's own start does before `main` takes longer than all that `get`
//! does by itself, and of it this program wants two things only; see
//! `docs/decisions/0034-start.md`. So on Linux C's `main` is here, and
//! elsewhere Rust's.

#![cfg_attr(
    all(target_os = "linux", not(test)),
    allow(unsafe_code, reason = "C calls us, and gives us its strings")
)]

/// What this process ends with.
///
/// `std`'s type of this name keeps its number to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitCode(u8);

impl ExitCode {
    /// It is done.
    pub const SUCCESS: Self = Self(0);
}

impl From<u8> for ExitCode {
    fn from(code: u8) -> Self {
        Self(code)
    }
}

#[cfg(any(test, not(target_os = "linux")))]
impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        code.0.into()
    }
}

#[cfg(all(target_os = "linux", not(test)))]
mod linux {
    use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
    use std::fs::File;
    use std::os::fd::IntoRawFd;
    use std::os::unix::ffi::OsStrExt;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::stdio::{stderr, stdin, stdout};

    use crate::failure::Exit;

    // SAFETY: the only symbol of this name: `no_main` keeps Rust from making one.
    #[unsafe(no_mangle)]
    extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
        open_closed_ends();
        ignore_broken_pipes();
        // SAFETY: C calls `main` once, with these two.
        let words = unsafe { words_of(count, words) };
        // Not by returning: this writes what is left in the buffer of stdout.
        std::process::exit(crate::run(words).0.into())
    }

    /// # Safety
    ///
    /// Behind `words` there are `count` strings of C.
    unsafe fn words_of(count: c_int, words: *const *const c_char) -> Vec<OsString> {
        let count = usize::try_from(count).unwrap_or(0);
        let word = |at| {
            // SAFETY: as the caller promises, since `at` is below `count`.
            let word = unsafe { CStr::from_ptr(*words.add(at)) };
            OsStr::from_bytes(word.to_bytes()).to_owned()
        };
        (0..count).map(word).collect()
    }

    /// Where stdin, stdout or stderr is closed, the next file that is opened
    /// takes its place: what is printed would go to the daemon.
    fn open_closed_ends() {
        let (stdin, stdout, stderr) = (stdin(), stdout(), stderr());
        let ends = [&stdin, &stdout, &stderr];
        let mut ends = ends.map(|end| PollFd::new(end, PollFlags::empty()));
        // It does not wait, and where it cannot be asked nothing can be opened.
        if poll(&mut ends, Some(&Timespec::default())).is_err() {
            return;
        }
        for end in ends {
            if end.revents().contains(PollFlags::NVAL) {
                match File::options().read(true).write(true).open("/dev/null") {
                    // The lowest free number, and so this end's. It stays open.
                    Ok(null) => drop(null.into_raw_fd()),
                    Err(_) => std::process::exit(Exit::Failure as i32),
                }
            }
        }
    }

    /// A reader that has gone is an error of the write then, which the exit code
    /// tells. `std` undoes this for programs that it starts.
    fn ignore_broken_pipes() {
        // SAFETY: nothing else runs yet, and no code of ours is called by it.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    }
}
