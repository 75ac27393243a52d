//! A window that nobody sees. The end of a session is said to windows alone,
//! as soon as a program has loaded `user32.dll`, which the libraries below us
//! do; and so is the end of a scheduled task, whose daemon has no console.

#![allow(
    unsafe_code,
    reason = "windows are the system's own, and have no safe counterpart"
)]

use std::io;
use std::ptr;
use std::sync::mpsc;
use std::thread;

use tokio::sync::Notify;
use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, GetMessageW, MSG, RegisterClassW, WM_CLOSE,
    WM_ENDSESSION, WNDCLASSW,
};
use windows_sys::w;

/// What the window is called, and its class.
const NAME: *const u16 = w!("oic-tokend");

/// Whether the daemon was asked to end; there is one window a process.
static ASKED: Notify = Notify::const_new();

/// Opens the window, in a thread of its own: whoever made a window reads what
/// is said to it.
///
/// # Errors
///
/// There can be no windows here.
pub fn open() -> io::Result<()> {
    let (sender, opened) = mpsc::sync_channel(1);
    thread::Builder::new().spawn(move || {
        let made = make();
        let is_there = made.is_ok();
        // Whoever asked waits for it.
        let _ = sender.send(made);
        if is_there {
            listen();
        }
    })?;
    opened.recv().map_err(io::Error::other)?
}

/// Returns when somebody has asked the daemon to end.
pub async fn asked_to_end() {
    ASKED.notified().await;
}

/// Not one for messages alone: those are not told of the end of a session.
fn make() -> io::Result<()> {
    let class = WNDCLASSW {
        lpfnWndProc: Some(hear),
        lpszClassName: NAME,
        ..WNDCLASSW::default()
    };
    // SAFETY: the class is whole, its name ends with a zero, and `hear` is
    // there for as long as the process.
    if unsafe { RegisterClassW(&raw const class) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both names end with a zero; nothing else is pointed to.
    let window = unsafe {
        CreateWindowExW(
            0,
            NAME,
            NAME,
            0,
            0,
            0,
            0,
            0,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null(),
        )
    };
    if window.is_null() {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn listen() {
    let mut message = MSG::default();
    // SAFETY: `message` is ours to be written, and of this thread's windows.
    while unsafe { GetMessageW(&raw mut message, ptr::null_mut(), 0, 0) } > 0 {
        // SAFETY: it was just filled in.
        unsafe { DispatchMessageW(&raw const message) };
    }
}

unsafe extern "system" fn hear(window: HWND, message: u32, word: WPARAM, long: LPARAM) -> LRESULT {
    match message {
        // What `schtasks /end` says, and the task manager.
        WM_CLOSE => {
            ASKED.notify_one();
            0
        }
        // Once this has returned the process is ended. The system waits for
        // it, for a few seconds, and we end before.
        WM_ENDSESSION if word != 0 => {
            ASKED.notify_one();
            loop {
                thread::park();
            }
        }
        // SAFETY: everything is passed on as it came.
        _ => unsafe { DefWindowProcW(window, message, word, long) },
    }
}
