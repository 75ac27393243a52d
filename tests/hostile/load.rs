//! The ways to misbehave.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use oic_proto::{Request, frame};
use oic_tests::harness::OtherUser;

use crate::clock;

/// Connections that are never spoken on.
pub const SILENT: usize = 2000;

/// Callers that ask all the time and read a byte now and then.
const SLOW_READERS: usize = 8;

/// Bytes that are written, unless the time is over before.
const BYTES: u64 = 300 * 1024 * 1024;

/// Connects in a second.
const CONNECTS: u32 = 10_000;

/// How often a load looks whether it is over.
const GLANCE: Duration = Duration::from_millis(10);

/// How many of these pass before connections that were lost are made again: a
/// second.
const GLANCES_BETWEEN: u32 = 100;

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Load {
    Nothing,
    Silent,
    SlowReaders,
    Bytes,
    Requests,
    Connects,
    Everything,
}

/// A load that is on, until it is ended.
pub struct Attack {
    over: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
    what: &'static str,
}

type Deed = fn(&Path, &AtomicBool, &AtomicU64);

impl Load {
    pub const ALL: [Self; 6] = [
        Self::Silent,
        Self::SlowReaders,
        Self::Bytes,
        Self::Requests,
        Self::Connects,
        Self::Everything,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nobody misbehaves",
            Self::Silent => "2,000 silent connections",
            Self::SlowReaders => "8 slow readers",
            Self::Bytes => "300 MB of bytes",
            Self::Requests => "requests without a pause",
            Self::Connects => "10,000 connects a second",
            Self::Everything => "all of these at once",
        }
    }

    fn deeds(self) -> (&'static [Deed], &'static str) {
        match self {
            Self::Nothing => (&[], "-"),
            Self::Silent => (&[stay_silent], "connections held or asked for again"),
            Self::SlowReaders => (&[read_slowly], "requests written"),
            Self::Bytes => (&[write_bytes], "bytes written"),
            Self::Requests => (&[ask_on], "requests answered"),
            Self::Connects => (&[connect_often], "connects"),
            Self::Everything => (
                &[stay_silent, read_slowly, write_bytes, connect_often],
                "of everything (no requests without a pause)",
            ),
        }
    }

    /// Puts it on the daemon at `socket`, as this user.
    pub fn begin(self, user: &OtherUser, socket: &Path) -> Attack {
        let (deeds, what) = self.deeds();
        let (over, done) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let begin = |deed: &Deed| {
            let (deed, user, socket) = (*deed, user.clone(), socket.to_owned());
            let (over, done) = (Arc::clone(&over), Arc::clone(&done));
            thread::spawn(move || user.does(|| deed(&socket, &over, &done)))
        };
        let threads = deeds.iter().map(begin).collect();
        // Until it has begun, there is nothing to be seen.
        while self != Self::Nothing && done.load(Ordering::Relaxed) == 0 {
            clock::let_pass(GLANCE);
        }
        Attack {
            over,
            done,
            threads,
            what,
        }
    }
}

impl Attack {
    /// Ends it; what it has come to.
    pub fn end(self) -> String {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("a load does not panic");
        }
        let done = self.done.load(Ordering::Relaxed);
        format!("{done} {}", self.what)
    }
}

fn request(profile: bool) -> Vec<u8> {
    let request = match profile {
        true => Request::Status { profile: None },
        false => Request::GetToken {
            profile: None,
            min_validity: Duration::ZERO,
            patience: Duration::ZERO,
            force: false,
        },
    };
    frame::encode(&request).expect("it is short").to_vec()
}

/// Holds as many as it can, and asks again now and then for those that it does
/// not get.
fn stay_silent(socket: &Path, over: &AtomicBool, done: &AtomicU64) {
    let mut held = Vec::new();
    while !over.load(Ordering::Relaxed) {
        while held.len() < SILENT {
            held.extend(UnixStream::connect(socket));
            done.fetch_add(1, Ordering::Relaxed);
        }
        for _ in 0..GLANCES_BETWEEN {
            clock::let_pass(GLANCE);
            if over.load(Ordering::Relaxed) {
                return;
            }
        }
        held.retain(|connection: &UnixStream| {
            let _ = connection.set_nonblocking(true);
            let ended = (&mut &*connection).read(&mut [0; 64]);
            matches!(ended, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
        });
    }
}

fn read_slowly(socket: &Path, over: &AtomicBool, done: &AtomicU64) {
    let request = request(true);
    let connect = || {
        let connection = UnixStream::connect(socket)?;
        connection.set_nonblocking(true)?;
        Ok::<_, std::io::Error>(connection)
    };
    let mut readers = Vec::from_iter((0..SLOW_READERS).filter_map(|_| connect().ok()));
    while !over.load(Ordering::Relaxed) {
        for reader in &mut readers {
            while reader.write_all(&request).is_ok() {
                done.fetch_add(1, Ordering::Relaxed);
            }
            let _ = reader.read(&mut [0; 1]);
        }
        clock::let_pass(GLANCE);
    }
}

/// Bodies that are no message, as long as a body may be, each in a frame that
/// is one.
fn write_bytes(socket: &Path, over: &AtomicBool, done: &AtomicU64) {
    let mut garbage = request(true)[..4].to_vec();
    let len = frame::REQUEST_LEN_MAX as u32;
    garbage.extend(len.to_le_bytes());
    garbage.resize(garbage.len() + frame::REQUEST_LEN_MAX, 0xff);
    while !over.load(Ordering::Relaxed) && done.load(Ordering::Relaxed) < BYTES {
        let Ok(mut connection) = UnixStream::connect(socket) else {
            continue;
        };
        while let Ok(written) = connection.write(&garbage) {
            done.fetch_add(written as u64, Ordering::Relaxed);
        }
    }
}

/// Asks for tokens on one connection, the next before the last has come.
fn ask_on(socket: &Path, over: &AtomicBool, done: &AtomicU64) {
    let request = request(false).repeat(64);
    let Ok(mut connection) = UnixStream::connect(socket) else {
        return;
    };
    let Ok(mut reading) = connection.try_clone() else {
        return;
    };
    let reader = thread::spawn(move || {
        let mut answers = [0; 64 * 1024];
        while reading.read(&mut answers).is_ok_and(|read| read > 0) {}
    });
    while !over.load(Ordering::Relaxed) && connection.write_all(&request).is_ok() {
        done.fetch_add(64, Ordering::Relaxed);
    }
    let _ = connection.shutdown(std::net::Shutdown::Both);
    let _ = reader.join();
}

fn connect_often(socket: &Path, over: &AtomicBool, done: &AtomicU64) {
    let started = clock::start();
    let mut made = 0;
    while !over.load(Ordering::Relaxed) {
        let due = started.elapsed().as_secs_f64() * f64::from(CONNECTS);
        while f64::from(made) < due && !over.load(Ordering::Relaxed) {
            drop(UnixStream::connect(socket));
            made += 1;
            done.fetch_add(1, Ordering::Relaxed);
        }
        clock::let_pass(Duration::from_millis(1));
    }
}
