//! What a terminal is sent: by way of `script`, which plays one. Where it is
//! not installed this is left out, and said to be.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use oic_tests::harness::{Daemon, Home, binary};
use oic_tests::simulator::{JANE, Options, Simulator};
use rustix::process::{Pid, Signal, kill_process};

/// Black on white, as the QR code alone is.
const INK: &str = "\x1b[38;5;16;48;5;231m";

/// To the other screen, and back with the cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?1049l\x1b[?25h";

struct Stage {
    _domain: Simulator,
    home: Home,
    _daemon: Daemon,
}

impl Stage {
    /// `None`: there is no `script`.
    fn set() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("script").exists()) {
            println!("skipped: there is no script (util-linux)");
            return None;
        }
        let options = Options::default().knob("interval", "1");
        let domain = Simulator::start(options.knob("auto_approve", JANE));
        let home = Home::new(&domain.config_toml());
        let daemon = Daemon::start(&home);
        Some(Self {
            _domain: domain,
            home,
            _daemon: daemon,
        })
    }

    /// A terminal of this size in which `line` is typed.
    fn terminal(&self, (columns, rows): (u32, u32), line: &str) -> Command {
        let programs = binary("oic-token");
        let programs = programs.parent().unwrap().to_owned();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = [programs]
            .into_iter()
            .chain(std::env::split_paths(&inherited));
        let line = format!("stty cols {columns} rows {rows}; {line}");
        let mut command = self.home.command(Path::new("script"));
        command
            .args(["-qfec", &line, "/dev/null"])
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        command
    }

    fn shown(&self, size: (u32, u32), line: &str) -> String {
        let output = self.terminal(size, line).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn a_login_shows_a_qr_code_where_there_is_room_and_colours_for_it() {
    let Some(stage) = Stage::set() else { return };
    let login = "oic-token login --no-browser";
    let shown = stage.shown((80, 40), login);
    assert!(shown.contains(INK) && shown.contains('▀'), "{shown}");
    assert!(shown.contains(&format!("signed in as {JANE}")), "{shown}");
    for (size, line) in [
        ((80, 12), login.to_owned()),
        ((40, 40), login.to_owned()),
        ((80, 40), format!("{login} --no-qr")),
        ((80, 40), format!("NO_COLOR=1 {login}")),
        ((80, 40), format!("LC_ALL=C {login}")),
        ((80, 40), format!("TERM=dumb {login}")),
    ] {
        let shown = stage.shown(size, &line);
        assert!(!shown.contains('▀'), "{size:?} {line}: {shown}");
        assert!(shown.contains("signed in as"), "{shown}");
    }
}

#[test]
fn in_a_narrow_terminal_the_end_of_a_login_is_broken_between_words() {
    let Some(stage) = Stage::set() else { return };
    let shown = stage.shown((40, 24), "oic-token login --no-browser");
    let end = shown.find("\x1b[32m").expect("success is green");
    let end = shown[end..].replace("\x1b[32m", "").replace("\x1b[0m", "");
    let expected = format!(
        "signed in as\r\n           {JANE} for\r\n           profile 'sim'\r\n\
         oic-token: access token until "
    );
    assert!(end.starts_with(&expected), "{end:?}");
    let widest = end.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(40), "{end}");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_want_them() {
    let Some(stage) = Stage::set() else { return };
    assert!(
        stage
            .shown((80, 24), "oic-token status")
            .contains("\x1b[31m")
    );
    for line in ["NO_COLOR=1 oic-token status", "oic-token status | cat"] {
        let shown = stage.shown((80, 24), line);
        assert!(shown.contains("signed out"), "{shown}");
        assert!(!shown.contains('\x1b'), "{line}: {shown}");
    }
}

#[test]
fn watching_leaves_the_terminal_as_it_was_and_what_it_showed_last() {
    let Some(stage) = Stage::set() else { return };
    let line = "oic-token status --watch & echo pid $!; wait";
    let mut terminal = stage.terminal((80, 24), line).spawn().unwrap();
    let mut stdout = terminal.stdout.take().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0; 1024]);
    let text = |seen: &[u8]| String::from_utf8_lossy(seen).into_owned();
    while !(text(&seen).contains("LOGIN BY") && text(&seen).contains("pid ")) {
        let read = stdout.read(&mut buffer).unwrap();
        assert!(read > 0, "{}", text(&seen));
        seen.extend(&buffer[..read]);
    }
    let before = text(&seen);
    assert!(before.contains(ENTER), "{before}");
    let pid = before.split("pid ").nth(1).unwrap();
    let pid: i32 = pid.split_whitespace().next().unwrap().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    stdout.read_to_end(&mut seen).unwrap();
    terminal.wait().unwrap();
    let all = text(&seen);
    let (_, after) = all.rsplit_once(LEAVE).expect("it turns back");
    assert!(after.contains("LOGIN BY"), "{after}");
    assert!(!after.contains("\x1b[?25l"), "{after}");
}
