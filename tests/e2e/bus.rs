//! A session bus of one test's own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use oic_tests::harness::Home;

/// A session bus; whoever is on it ends with it.
pub struct Bus {
    daemon: Child,
    pub address: String,
}

impl Bus {
    /// `None` where `dbus-daemon` is not installed.
    pub fn start(home: &Home) -> Option<Self> {
        let mut daemon = home
            .command(Path::new("dbus-daemon"))
            .args(["--session", "--nofork", "--print-address=1"])
            .arg(format!(
                "--address=unix:path={}",
                home.path("bus").display()
            ))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut address = String::new();
        let mut stdout = BufReader::new(daemon.stdout.take().unwrap());
        stdout.read_line(&mut address).unwrap();
        let address = address.trim_end().to_owned();
        Some(Self { daemon, address })
    }

    /// `program` with this bus for its own.
    pub fn command(&self, home: &Home, program: &str) -> Command {
        let mut command = home.command(Path::new(program));
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
