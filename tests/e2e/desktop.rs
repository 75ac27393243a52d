//! What a desktop shows: on a bus of its own, by a stand-in that answers as a
//! desktop would. Needs `dbus-daemon`, `dbus-monitor`, `dbus-test-tool` and
//! `busctl`, as `tests/run` sets them up; says so where it is skipped.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use oic_tests::harness::{DEADLINE, Daemon, Home};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::bus::Bus;
use crate::signed_in::quick_domain;

const DESKTOP: &str = "org.freedesktop.Notifications";

fn domain() -> Simulator {
    Simulator::start(quick_domain().knob("auto_approve", JANE))
}

fn bus(home: &Home) -> Option<Bus> {
    let missing = |name: &&str| {
        home.command(name.as_ref())
            .arg("--version")
            .output()
            .is_err()
    };
    let needed = ["dbus-daemon", "dbus-monitor", "dbus-test-tool", "busctl"];
    if let Some(missing) = needed.iter().find(|name| missing(name)) {
        eprintln!("skipped: there is no {missing}");
        return None;
    }
    Bus::start(home)
}

/// A desktop, and what it is told to show.
struct Desktop {
    programs: [Child; 2],
    said: Receiver<String>,
}

impl Desktop {
    fn start(home: &Home, bus: &Bus) -> Self {
        let owner = format!("member='NameOwnerChanged',arg0='{DESKTOP}'");
        let mut monitor = bus
            .command(home, "dbus-monitor")
            .args([&owner, &format!("interface='{DESKTOP}'")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(monitor.stdout.take().unwrap());
        let (sender, said) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let wait_for = |text: &str| while !said.recv_timeout(DEADLINE).unwrap().contains(text) {};
        wait_for("member=NameLost");
        let server = bus
            .command(home, "dbus-test-tool")
            .args(["echo", &format!("--name={DESKTOP}")])
            .spawn()
            .unwrap();
        wait_for("member=NameOwnerChanged");
        Self {
            programs: [server, monitor],
            said,
        }
    }

    /// The texts of the next notification.
    fn next(&self) -> Vec<String> {
        let lines = || std::iter::from_fn(|| self.said.recv_timeout(DEADLINE).ok());
        lines().find(|line| line.contains("member=Notify")).unwrap();
        lines()
            .take_while(|line| !line.contains("int32 -1"))
            .map(|line| line.trim().to_owned())
            .collect()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

/// The programs that the daemon has started.
fn started_by(daemon: &Daemon) -> String {
    let pid = daemon.pid();
    std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap()
}

#[test]
fn a_desktop_shows_who_has_to_sign_in_and_how() {
    let domain = domain();
    let home = Home::new(&domain.config_toml());
    let Some(bus) = bus(&home) else { return };
    let desktop = Desktop::start(&home, &bus);
    let daemon = Daemon::start_with(&home, &[("DBUS_SESSION_BUS_ADDRESS", &bus.address)]);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    domain.fault(Fault::InvalidGrant, 1, Endpoint::Token);
    home.oic_token(&["get", "--force"]);
    let shown = desktop.next();
    for text in [
        r#"string "oic-tokend""#,
        r#"string "sim: login needed""#,
        r#"string "run 'oic-token login sim'""#,
        "variant             byte 2",
    ] {
        assert!(shown.iter().any(|line| line == text), "{text}: {shown:?}");
    }
    daemon.wait_for_log("the desktop was told");
}

#[test]
fn a_bus_without_a_desktop_is_no_trouble() {
    let domain = domain();
    let home = Home::new(&domain.config_toml());
    let Some(bus) = bus(&home) else { return };
    let environment = [
        ("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str()),
        ("OIC_TOKEND_LOG", "debug"),
    ];
    let daemon = Daemon::start_with(&home, &environment);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    domain.fault(Fault::InvalidGrant, 1, Endpoint::Token);
    home.oic_token(&["get", "--force"]);
    let line = daemon.wait_for_log("the desktop was not told");
    assert!(line.contains("DEBUG"), "{line}");
    home.oic_token(&["login", "--no-browser"]).succeeded();
}

#[test]
fn nothing_is_started_where_no_desktop_can_be_or_is_wanted() {
    let domain = domain();
    let config = domain.config_toml();
    let home = Home::new(&config);
    let Some(bus) = bus(&home) else { return };
    let unwanted = format!("{config}\n[hooks]\ndesktop = false\n");
    let on_bus = [("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str())];
    for (config, environment, starts) in [
        (&config, on_bus.as_slice(), true),
        (&config, &[], false),
        (&unwanted, &on_bus, false),
    ] {
        home.configure(config);
        let daemon = Daemon::start_with(&home, environment);
        assert_eq!(!started_by(&daemon).is_empty(), starts, "{environment:?}");
    }
}
