//! A terminal for a program to ask at, and a person who types on it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::DEADLINE;

/// The person's side of a terminal.
#[derive(Debug)]
pub struct Terminal {
    side: File,
    shown: String,
}

impl Terminal {
    /// A new terminal, on which `command` will read and write.
    ///
    /// # Panics
    ///
    /// When the system has none.
    pub fn of(command: &mut Command) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let side = openpt(flags).expect("the system has terminals");
        grantpt(&side).expect("it is ours");
        unlockpt(&side).expect("it is ours");
        let name = ptsname(&side, Vec::new()).expect("it has a name");
        let path = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let other = OpenOptions::new().read(true).write(true).open(path);
        let other = other.expect("it can be opened");
        let another = || Stdio::from(other.try_clone().expect("descriptors are left"));
        command.stdin(another()).stdout(another()).stderr(another());
        Self {
            side: side.into(),
            shown: String::new(),
        }
    }

    /// Makes it this large.
    ///
    /// # Panics
    ///
    /// When it cannot be.
    pub fn resize(&self, columns: u16, rows: u16) {
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&self.side, size).expect("a terminal has a size");
    }

    /// Waits until the terminal has shown `text` after what was waited for
    /// before.
    ///
    /// # Panics
    ///
    /// When it never does; with what it has shown.
    pub fn wait_for(&mut self, text: &str) {
        self.seen_until(text);
    }

    /// Everything that it shows until this text, with it.
    ///
    /// # Panics
    ///
    /// When it never does.
    pub fn seen_until(&mut self, text: &str) -> String {
        while !self.shown.contains(text) {
            assert!(self.read_more(), "no '{text}' in: {}", self.shown);
        }
        let end = self.shown.find(text).map_or(0, |at| at + text.len());
        self.shown.drain(..end).collect()
    }

    /// Types a line.
    ///
    /// # Panics
    ///
    /// When nobody has the terminal any more.
    pub fn type_line(&mut self, line: &str) {
        self.press(&format!("{line}\n"));
    }

    /// Presses these keys.
    ///
    /// # Panics
    ///
    /// When nobody has the terminal any more.
    pub fn press(&mut self, keys: &str) {
        let pressed = self.side.write_all(keys.as_bytes());
        pressed.expect("the program has the terminal");
    }

    /// What is shown next, if anything is within this time; nothing more once
    /// everybody has left it.
    ///
    /// # Panics
    ///
    /// When there is no such time.
    pub fn read(&mut self, patience: Duration) -> Option<Vec<u8>> {
        let patience = Timespec::try_from(patience).expect("a deadline is near");
        let mut ready = [PollFd::new(&self.side, PollFlags::IN)];
        if poll(&mut ready, Some(&patience)).unwrap_or(0) == 0 {
            return None;
        }
        let mut bytes = vec![0; 4096];
        // A terminal that everybody has left answers with an error.
        let len = self.side.read(&mut bytes).unwrap_or(0);
        bytes.truncate(len);
        Some(bytes)
    }

    /// Everything it has shown since what was waited for last, once the
    /// program has left it.
    pub fn rest(mut self) -> String {
        while self.read_more() {}
        self.shown
    }

    /// Whether more was shown in time, and the program has not left.
    fn read_more(&mut self) -> bool {
        let bytes = self.read(DEADLINE).unwrap_or_default();
        self.shown.push_str(&String::from_utf8_lossy(&bytes));
        !bytes.is_empty()
    }
}
