//! A terminal for a program to ask at, and a person who types on it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

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

    /// Waits until the terminal has shown `text` after what was waited for
    /// before.
    ///
    /// # Panics
    ///
    /// When it never does; with what it has shown.
    pub fn wait_for(&mut self, text: &str) {
        while !self.shown.contains(text) {
            assert!(self.read_more(), "no '{text}' in: {}", self.shown);
        }
        let end = self.shown.find(text).map_or(0, |at| at + text.len());
        self.shown.drain(..end);
    }

    /// Types a line.
    ///
    /// # Panics
    ///
    /// When nobody has the terminal any more.
    pub fn type_line(&mut self, line: &str) {
        let typed = self.side.write_all(format!("{line}\n").as_bytes());
        typed.expect("the program has the terminal");
    }

    /// Everything it has shown since what was waited for last, once the
    /// program has left it.
    pub fn rest(mut self) -> String {
        while self.read_more() {}
        self.shown
    }

    /// Whether more was shown in time, and the program has not left.
    fn read_more(&mut self) -> bool {
        let patience = Timespec::try_from(DEADLINE).expect("a deadline is near");
        let mut ready = [PollFd::new(&self.side, PollFlags::IN)];
        if poll(&mut ready, Some(&patience)).unwrap_or(0) == 0 {
            return false;
        }
        let mut bytes = [0; 4096];
        // A terminal that everybody has left answers with an error.
        let len = self.side.read(&mut bytes).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..len]));
        len > 0
    }
}
