//! Who types what, and what happens meanwhile.

use std::process::Command;
use std::time::Duration;

use oic_tests::harness::{DEADLINE, Daemon, Home, binary, undescribed, workspace};
use oic_tests::simulator::{Endpoint, Fault, JANE, Options, Simulator};

use crate::shell::Shell;
use crate::svg::{Caption, picture};

/// What most people's terminals are.
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// A terminal with room for a QR code, and one without.
const ROWS_WITH_QR: u16 = 38;
const COLUMNS_NARROW: u16 = 40;

/// How long Jane takes to find her telephone.
const TO_SIGN_IN: Duration = Duration::from_secs(4);

/// How long one looks at a result before typing on.
const TO_LOOK: Duration = Duration::from_millis(1500);

/// How long access tokens live where one is to be seen renewed, in seconds.
const SHORT_LIFE: &str = "20";

/// How long a domain takes to answer, so that a renewal is seen under way.
const ANSWER_TIME: Duration = Duration::from_millis(1600);

/// Every picture by the name of its file; screens go into `screens`.
pub fn play(screens: &mut Vec<(&'static str, String)>) -> [(&'static str, String); 3] {
    let login = login(screens);
    login_narrow(screens);
    let watch = watch(screens);
    questions(screens);
    [
        ("login.svg", login),
        ("watch.svg", watch),
        ("demo.svg", demo()),
    ]
}

/// A domain, a daemon, and a computer on which nobody has signed in.
struct Stage {
    domain: Simulator,
    home: Home,
    _daemon: Daemon,
}

impl Stage {
    fn set(options: Options) -> Self {
        let domain = Simulator::start(options.knob("interval", "1"));
        let home = Home::new(&domain.config_toml());
        let daemon = Daemon::start(&home);
        Self {
            domain,
            home,
            _daemon: daemon,
        }
    }

    fn shell(&self, columns: u16, rows: u16) -> Shell {
        let programs = binary("oic-token");
        let programs = programs.parent().expect("a program lies in a folder");
        let mut command = self.home.command("sh".as_ref());
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = [programs.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&others));
        let path = std::env::join_paths(path).expect("they were joined before");
        command.env("PATH", path);
        Shell::open(&command, columns, rows)
    }

    /// Jane types the code that is shown, and allows.
    fn approve(&self) {
        for code in self.domain.pending_user_codes() {
            let approved = self.domain.approve(&code, JANE);
            approved.expect("the code was just shown");
        }
    }

    fn sign_in(&self) {
        self.domain
            .set_knob("auto_approve", JANE)
            .expect("there is this knob");
        self.home.oic_token(&["login", "--no-browser"]).succeeded();
    }
}

fn login(screens: &mut Vec<(&str, String)>) -> String {
    let stage = Stage::set(Options::default());
    let mut shell = stage.shell(COLUMNS, ROWS_WITH_QR);
    shell.run("oic-token login");
    shell.wait_for(" left for code");
    screens.push(("login", shell.screen()));
    shell.pause(TO_SIGN_IN);
    stage.approve();
    shell.wait_for("next login");
    shell.wait_for_prompt();
    screens.push(("login-end", last_said(&shell.screen())));
    picture(
        &shell.cut(),
        COLUMNS.into(),
        &Caption {
            title: "oic-token login",
            description: "A terminal: 'oic-token login' shows an address, a user code in a frame, \
                          a QR code and a countdown; when the user has allowed it elsewhere, it \
                          says who is signed in and until when.",
        },
    )
}

/// What the program said last, below the QR code.
fn last_said(screen: &str) -> String {
    let lines = Vec::from_iter(screen.lines().filter(|line| *line != "$"));
    let start = lines.iter().rposition(|line| line.contains("signed in as"));
    lines[start.unwrap_or(0)..].join("\n")
}

fn login_narrow(screens: &mut Vec<(&str, String)>) {
    let stage = Stage::set(Options::default());
    let mut shell = stage.shell(COLUMNS_NARROW, ROWS);
    shell.run("oic-token login");
    shell.wait_for("Ctrl-C cancels");
    shell.press("\x03");
    shell.wait_for_prompt();
    screens.push(("login-narrow", without_prompt(&shell.screen())));
    let mut shell = stage.shell(COLUMNS_NARROW, ROWS);
    shell.run("oic-token login");
    shell.wait_for("Ctrl-C cancels");
    stage.approve();
    shell.wait_for("next login");
    shell.wait_for_prompt();
    screens.push(("login-end-narrow", last_said(&shell.screen())));
}

fn watch(screens: &mut Vec<(&str, String)>) -> String {
    let stage = Stage::set(Options::default().knob("access_token_lifetime", SHORT_LIFE));
    stage.sign_in();
    for (name, columns) in [("status", COLUMNS), ("status-narrow", COLUMNS_NARROW)] {
        let mut shell = stage.shell(columns, ROWS);
        shell.run("oic-token status");
        shell.wait_for_prompt();
        screens.push((name, without_prompt(&shell.screen())));
    }
    // A whole life to be watched, from a new token to the next but one.
    let refreshes = refresh_count(&stage.domain);
    wait_for_refreshes(&stage.domain, refreshes + 1);
    stage
        .domain
        .fault(Fault::Slow(ANSWER_TIME), 1, Endpoint::Token);
    let mut shell = stage.shell(COLUMNS, ROWS);
    shell.run("oic-token status --watch");
    shell.wait_for("under way");
    wait_for_refreshes(&stage.domain, refreshes + 2);
    shell.pause(2 * TO_LOOK);
    shell.press("\x03");
    shell.wait_for_prompt();
    picture(
        &shell.cut(),
        COLUMNS.into(),
        &Caption {
            title: "oic-token status --watch",
            description: "A terminal: a table with a profile, its user, how long the access \
                          token is still valid and when it is renewed. The seconds count down, \
                          the renewal is under way, and then the token is a new one.",
        },
    )
}

/// What is asked now and then, and answered at once.
fn questions(screens: &mut Vec<(&str, String)>) {
    let stage = Stage::set(Options::default());
    stage.sign_in();
    let config = stage.home.path(".config/oic-tokend");
    std::fs::create_dir_all(&config).expect("the home can be written");
    std::fs::copy(stage.home.config(), config.join("config.toml")).expect("likewise");
    stage
        .domain
        .set_knob("allow_token_refresh", "false")
        .expect("there is this knob");
    for (name, line, columns) in [
        ("doctor", "oic-token doctor", COLUMNS),
        ("doctor-narrow", "oic-token doctor", COLUMNS_NARROW),
        ("inspect", "oic-token inspect | head -7", COLUMNS),
        ("nobody", "oic-token get staging", COLUMNS),
    ] {
        let mut shell = stage.shell(columns, ROWS_WITH_QR);
        shell.run(line);
        shell.wait_for_prompt();
        screens.push((name, without_prompt(&shell.screen())));
    }
}

fn demo() -> String {
    let mut surroundings = Command::new("sh");
    undescribed(&mut surroundings).current_dir(workspace());
    let mut shell = Shell::open(&surroundings, COLUMNS, ROWS);
    shell.run("cargo demo");
    shell.wait_for("Nothing is left behind.");
    shell.wait_for_prompt();
    picture(
        &shell.cut(),
        COLUMNS.into(),
        &Caption {
            title: "cargo demo",
            description: "A terminal: the whole journey against a simulated identity domain. A \
                          user signs in; a script gets a token; the token is renewed; the daemon \
                          is killed and started again; the domain fails for a while; the user \
                          signs out.",
        },
    )
}

fn without_prompt(screen: &str) -> String {
    let screen = screen.strip_suffix('$').unwrap_or(screen);
    screen.trim_end().to_owned()
}

fn refresh_count(domain: &Simulator) -> usize {
    domain.log().iter().filter(|it| is_refresh(it)).count()
}

fn wait_for_refreshes(domain: &Simulator, count: usize) {
    let enough = |log: &[oic_tests::simulator::LogEntry]| {
        log.iter().filter(|it| is_refresh(it)).count() >= count
    };
    domain
        .wait_for_requests(enough, DEADLINE)
        .expect("the daemon renews in time");
}

fn is_refresh(entry: &oic_tests::simulator::LogEntry) -> bool {
    entry.grant_type == Some("refresh_token") && entry.status == Some(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scene that waits for words that are not said any more would be found
    /// by whoever takes the pictures next.
    #[test]
    fn a_scene_plays() {
        let mut screens = Vec::new();
        login_narrow(&mut screens);
        let [(_, cancelled), (_, signed_in)] = &screens[..] else {
            panic!("{screens:?}");
        };
        assert!(
            cancelled.contains("oic-token: login cancelled"),
            "{cancelled}"
        );
        assert!(
            signed_in.starts_with("oic-token: signed in as"),
            "{signed_in}"
        );
        assert!(signed_in.contains("next login"), "{signed_in}");
    }
}
