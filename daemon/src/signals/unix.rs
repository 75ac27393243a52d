//! Signals as bytes in a socket pair, which the runtime waits for like for any
//! other input: no thread, no wake-up without a signal.

use std::future::pending;
use std::io;
use std::os::unix::net::UnixStream as BlockingStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

use super::Signal;

/// Signals of one kind that may arrive between two looks; more are the same
/// as these.
const PENDING_MAX: usize = 64;

/// The signals sent to this process.
#[derive(Debug)]
pub struct Signals {
    shutdown: UnixStream,
    reload: UnixStream,
}

impl Signals {
    /// Takes SIGTERM, SIGINT and SIGHUP over, for good. Must be called within
    /// a runtime, and before threads are started: until then a signal acts as
    /// the system has it. Also as process 1, where the system has it ignored.
    ///
    /// # Errors
    ///
    /// No descriptors are left.
    pub fn register() -> io::Result<Self> {
        Ok(Self {
            shutdown: arrivals(&[SIGTERM, SIGINT])?,
            reload: arrivals(&[SIGHUP])?,
        })
    }

    /// The next signal that asks to end; others are kept. May be dropped and
    /// called again.
    pub async fn shutdown(&mut self) {
        arrival(&mut self.shutdown).await;
    }

    /// The next signal. Several of one kind that came meanwhile are one. May
    /// be dropped and called again.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            () = arrival(&mut self.shutdown) => Signal::Shutdown,
            () = arrival(&mut self.reload) => Signal::Reload,
        }
    }
}

fn arrivals(signals: &[i32]) -> io::Result<UnixStream> {
    let (receiver, sender) = BlockingStream::pair()?;
    for &signal in signals {
        pipe::register(signal, sender.try_clone()?)?;
    }
    receiver.set_nonblocking(true)?;
    UnixStream::from_std(receiver)
}

async fn arrival(signals: &mut UnixStream) {
    let mut bytes = [0; PENDING_MAX];
    // The handlers own the other end for as long as the process lives.
    match signals.read(&mut bytes).await {
        Ok(1..) => {}
        Ok(0) | Err(_) => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    use std::sync::mpsc::{self, Receiver};
    use std::thread;
    use std::time::Duration;

    use rustix::process::{Pid, Signal as Sent, kill_process};

    use super::*;
    use crate::testbed::{Running, alone, is_alone};

    /// After which the test has failed.
    const DEADLINE: Duration = Duration::from_secs(10);

    #[tokio::test]
    #[ignore = "run alone by the test below, which sends it signals"]
    async fn says_which_signals_come() {
        let mut signals = Signals::register().unwrap();
        while is_alone() {
            println!("\nwaiting");
            println!("\n{:?}", signals.next().await);
        }
    }

    /// What the child says, line by line.
    fn lines(child: &mut Running) -> Receiver<String> {
        let stdout = BufReader::new(child.0.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // The test may be over.
                let _ = sender.send(line);
            }
        });
        lines
    }

    #[test]
    fn each_signal_asks_for_what_it_is_known_for() {
        let child = alone("signals::unix::tests::says_which_signals_come")
            .stdout(Stdio::piped())
            .spawn();
        let mut child = Running(child.unwrap());
        let lines = lines(&mut child);
        let hears = |expected: &str| {
            let heard = || lines.recv_timeout(DEADLINE).ok();
            std::iter::from_fn(heard).any(|line| line == expected)
        };
        let sent = [
            (Sent::HUP, "Reload"),
            (Sent::TERM, "Shutdown"),
            (Sent::INT, "Shutdown"),
            (Sent::HUP, "Reload"),
        ];
        for (signal, meaning) in sent {
            assert!(hears("waiting"));
            kill_process(Pid::from_child(&child.0), signal).unwrap();
            assert!(hears(meaning), "{signal:?}");
        }
    }
}
