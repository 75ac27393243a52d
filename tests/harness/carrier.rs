//! A socket here that leads to a pipe there, byte by byte: tests that speak to
//! the daemon without a program of ours speak to one of another system too.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

use super::{binary, runner};

/// Carries everybody who connects to `socket` to `pipe`, each by a program of
/// its own (`tests/windows/carry.c`).
///
/// # Panics
///
/// When there cannot be such a socket.
pub(super) fn carry(socket: &Path, pipe: &str) {
    let listener = UnixListener::bind(socket).expect("the home is new");
    let pipe = pipe.to_owned();
    thread::spawn(move || {
        for caller in listener.incoming().map_while(Result::ok) {
            let mut carrier = start(caller, &pipe).expect("the carrier was built");
            // It ends when the caller or the daemon hangs up.
            thread::spawn(move || carrier.wait());
        }
    });
}

fn start(caller: UnixStream, pipe: &str) -> io::Result<Child> {
    let both_ways = (OwnedFd::from(caller.try_clone()?), OwnedFd::from(caller));
    runner::command(&binary("carry"))
        .arg(pipe)
        .stdin(Stdio::from(both_ways.0))
        .stdout(Stdio::from(both_ways.1))
        .spawn()
}
