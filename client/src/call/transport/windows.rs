//! A named pipe. `interprocess` has no reads that end by themselves, and opens
//! a pipe so that whoever made it may act as us: so it is the system's own
//! calls here.

#![allow(
    unsafe_code,
    reason = "reading a pipe for a while, and no longer, has no safe counterpart"
)]

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_IO_PENDING, ERROR_OPERATION_ABORTED, ERROR_PIPE_BUSY,
    ERROR_PIPE_NOT_CONNECTED, ERROR_SEM_TIMEOUT, HANDLE,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_OVERLAPPED, ReadFile, SECURITY_IDENTIFICATION, WriteFile,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Pipes::WaitNamedPipeW;
use windows_sys::Win32::System::Threading::{CreateEventW, WaitForSingleObject};

use crate::clock;

/// A connection.
#[derive(Debug)]
pub struct Stream {
    pipe: File,
    /// Signalled when a read or write is done; there is one at a time.
    done: OwnedHandle,
    /// Until when a write may take.
    deadline: Instant,
}

/// Connects; waits by `deadline` where all instances of the pipe are taken.
/// Whoever made the pipe may learn who we are and not act as us, which is what
/// it could do otherwise.
pub fn connect(place: &Path, deadline: Instant) -> io::Result<Stream> {
    loop {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .share_mode(0)
            .custom_flags(FILE_FLAG_OVERLAPPED)
            .security_qos_flags(SECURITY_IDENTIFICATION)
            .open(place);
        match opened {
            Ok(pipe) => {
                let done = event()?;
                return Ok(Stream {
                    pipe,
                    done,
                    deadline,
                });
            }
            Err(error) if is(&error, ERROR_PIPE_BUSY) => wait_for_instance(place, deadline)?,
            Err(error) => return Err(error),
        }
    }
}

/// A pipe that is full has been waited for.
pub fn is_queue_full(_: &io::Error) -> bool {
    false
}

/// Reads what has come, or what comes first within `wait`; nothing where the
/// other end has gone.
pub fn read_within(stream: &Stream, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
    let len = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
    // SAFETY: `buffer` has room for `len` bytes and outlives `transfer`, which
    // returns when the system has let go of it.
    let read = stream.transfer(wait, |pipe, overlapped| unsafe {
        ReadFile(pipe, buffer.as_mut_ptr(), len, ptr::null_mut(), overlapped)
    });
    match read {
        Err(error) if is(&error, ERROR_BROKEN_PIPE) || is(&error, ERROR_PIPE_NOT_CONNECTED) => {
            Ok(0)
        }
        other => other,
    }
}

impl Write for &Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let wait = clock::left_until(self.deadline);
        // SAFETY: `bytes` is `len` bytes at least, only read, and outlives
        // `transfer`, which returns when the system has let go of it.
        self.transfer(wait, |pipe, overlapped| unsafe {
            WriteFile(pipe, bytes.as_ptr(), len, ptr::null_mut(), overlapped)
        })
    }

    /// Waiting until everything is read is not what is meant.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsHandle for Stream {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.pipe.as_handle()
    }
}

impl Stream {
    /// Starts a read or write and takes it back where it is not done within
    /// `wait`: then [`io::ErrorKind::TimedOut`], with nothing transferred.
    fn transfer(
        &self,
        wait: Duration,
        start: impl FnOnce(HANDLE, *mut OVERLAPPED) -> i32,
    ) -> io::Result<usize> {
        let pipe = self.pipe.as_raw_handle();
        let mut overlapped = OVERLAPPED {
            hEvent: self.done.as_raw_handle(),
            ..OVERLAPPED::default()
        };
        let overlapped = &raw mut overlapped;
        if start(pipe, overlapped) == 0 {
            let error = io::Error::last_os_error();
            if !is(&error, ERROR_IO_PENDING) {
                return Err(error);
            }
            // SAFETY: the event is ours and open.
            unsafe { WaitForSingleObject(self.done.as_raw_handle(), milliseconds(wait)) };
            // Of what is done there is nothing to take back, and that is no
            // error here: the next call says how it ended.
            // SAFETY: the pipe is open, and `overlapped` is still the system's.
            unsafe { CancelIoEx(pipe, overlapped) };
        }
        let mut transferred = 0;
        // SAFETY: as above; it returns when the system has let go of
        // `overlapped` and of the buffer, for what was taken back too.
        let done = unsafe { GetOverlappedResult(pipe, overlapped, &raw mut transferred, 1) };
        if done != 0 {
            return usize::try_from(transferred).map_err(io::Error::other);
        }
        match io::Error::last_os_error() {
            error if is(&error, ERROR_OPERATION_ABORTED) => Err(io::ErrorKind::TimedOut.into()),
            error => Err(error),
        }
    }
}

/// Returns when an instance of the pipe may be free: somebody else may be
/// quicker.
fn wait_for_instance(place: &Path, deadline: Instant) -> io::Result<()> {
    let left = clock::left_until(deadline);
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let name = Vec::from_iter(place.as_os_str().encode_wide().chain([0]));
    // SAFETY: `name` ends with a zero and is only read.
    if unsafe { WaitNamedPipeW(name.as_ptr(), milliseconds(left)) } != 0 {
        return Ok(());
    }
    match io::Error::last_os_error() {
        error if is(&error, ERROR_SEM_TIMEOUT) => Err(io::ErrorKind::TimedOut.into()),
        error => Err(error),
    }
}

/// An event that is reset by hand, as overlapped transfers want it.
fn event() -> io::Result<OwnedHandle> {
    // SAFETY: every pointer is null, as the documentation allows.
    let event = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
    if event.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just made for us, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(event) })
}

/// At least one: zero stands for the default of the pipe, or for not waiting.
/// Below the largest: that stands for ever.
fn milliseconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis())
        .unwrap_or(u32::MAX)
        .clamp(1, u32::MAX - 1)
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(code)
}
