//! Says how far the daemon is: to the service manager where there is one, else
//! on stderr. Nobody has to poll, nobody has to sleep.

#[cfg_attr(not(target_os = "linux"), path = "readiness/nobody.rs")]
mod manager;

use std::future::pending;
use std::io::{self, Write};
use std::path::Path;

use tokio::time::{Interval, interval};

/// The daemon serves at `socket` from now on.
pub fn ready(socket: &Path) {
    if manager::ready() {
        return;
    }
    // A stderr that is closed is no reason to stop serving.
    let _ = writeln!(io::stderr(), "oic-tokend: ready on {}", socket.display());
}

/// The daemon reads its configuration again; [`reloaded`] follows.
pub fn reloading() {
    manager::reloading();
}

/// The daemon has read its configuration again, whatever came of it.
pub fn reloaded() {
    manager::ready();
}

/// The daemon has begun to end.
pub fn stopping() {
    manager::stopping();
}

/// How the profiles stand, in one line.
pub fn status(line: &str) {
    manager::status(line);
}

/// Tells the service manager now and then that the loop it is in goes round: a
/// daemon that does not is killed, and the next one answers (`WatchdogSec=`).
#[derive(Debug)]
pub struct Pulse(Option<Interval>);

impl Pulse {
    /// As often as the service manager wants, if it wants it at all. Must be
    /// called within a runtime.
    pub fn start() -> Self {
        // One that comes late by as much is still in time.
        Self(manager::watchdog().map(|limit| interval(limit / 2)))
    }

    /// For a loop that nobody watches.
    pub fn none() -> Self {
        Self(None)
    }

    /// Returns when the service manager has been told once more. May be dropped
    /// and called again.
    pub async fn beat(&mut self) {
        match &mut self.0 {
            Some(interval) => interval.tick().await,
            None => pending().await,
        };
        manager::alive();
    }
}

/// Whether there is a service manager.
pub fn has_manager() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::net::UnixDatagram;
    use std::path::Path;
    use std::process::Output;
    use std::time::Duration;

    use crate::testbed::{Scratch, alone};

    const SOCKET: &str = "/run/user/1000/oic-tokend/socket";

    #[test]
    #[ignore = "run alone by the tests below, which set its environment"]
    fn says_every_stage() {
        super::ready(Path::new(SOCKET));
        super::reloading();
        super::reloaded();
        super::status("signed in: prod");
        super::stopping();
    }

    fn stages(notify_socket: Option<&Path>) -> Output {
        let mut child = alone("readiness::tests::says_every_stage");
        child.env_remove("NOTIFY_SOCKET");
        child.envs(notify_socket.map(|path| ("NOTIFY_SOCKET", path)));
        let output = child.output().unwrap();
        assert!(output.status.success());
        output
    }

    fn said_on_stderr(output: &Output) -> String {
        String::from_utf8(output.stderr.clone()).unwrap()
    }

    #[test]
    fn a_service_manager_is_told_every_stage_and_stderr_is_not() {
        let scratch = Scratch::new();
        let path = scratch.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        manager
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let output = stages(Some(&path));
        let told = || {
            let mut bytes = [0; 256];
            let len = manager.recv(&mut bytes).unwrap();
            String::from_utf8(bytes[..len].to_vec()).unwrap()
        };
        assert_eq!(told(), "READY=1\n");
        assert!(told().starts_with("RELOADING=1\nMONOTONIC_USEC="));
        assert_eq!(told(), "READY=1\n");
        assert_eq!(told(), "STATUS=signed in: prod\n");
        assert_eq!(told(), "STOPPING=1\n");
        assert_eq!(said_on_stderr(&output), "");
    }

    #[test]
    fn without_a_service_manager_stderr_gets_the_one_ready_line() {
        let line = format!("oic-tokend: ready on {SOCKET}\n");
        assert_eq!(said_on_stderr(&stages(None)), line);
    }

    #[test]
    fn a_service_manager_that_is_gone_does_not_keep_the_ready_line_back() {
        let scratch = Scratch::new();
        let output = stages(Some(&scratch.path().join("nobody")));
        assert!(said_on_stderr(&output).contains("oic-tokend: ready on "));
    }
}
