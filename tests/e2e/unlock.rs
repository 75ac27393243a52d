//! Sessions that a passphrase opens.

use std::fs;

use oic_proto::message::Refusal;
use oic_proto::secret::Passphrase;
use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE, Daemon, Home, runner};
use oic_tests::simulator::{JANE, Simulator};

use crate::signed_in::quick_domain;

const PASSPHRASE: &str = "correct horse battery staple";
const BY_PASSPHRASE: &str = "session_key = \"passphrase\"\n";

struct Stage {
    domain: Simulator,
    home: Home,
    daemon: Daemon,
}

impl Stage {
    /// A daemon whose passphrase nobody has set.
    fn unset() -> Self {
        let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
        let home = Home::new(&format!("{BY_PASSPHRASE}{}", domain.config_toml()));
        let daemon = Daemon::start_with(&home, &[("OIC_TOKEND_LOG", "trace")]);
        Self {
            domain,
            home,
            daemon,
        }
    }

    /// Jane signed in, and the daemon restarted.
    fn locked() -> (Self, String) {
        let mut stage = Self::unset();
        assert_eq!(stage.unlock(PASSPHRASE), 0);
        stage.home.oic_token(&["login", "--no-browser"]).succeeded();
        let token = stage.home.oic_token(&["get"]).succeeded();
        stage.restart();
        (stage, token)
    }

    fn restart(&mut self) {
        self.daemon.kill();
        self.daemon = Daemon::start(&self.home);
    }

    /// The exit code of `unlock`, with this on stdin.
    fn unlock(&self, input: &str) -> i32 {
        self.home.oic_token_reading(&["unlock"], input).code
    }
}

#[test]
fn while_the_sessions_are_locked_everything_is_refused_at_once_and_nothing_is_asked_for() {
    let (stage, token) = Stage::locked();
    let requests = stage.domain.log().len();
    for command in ["get", "login", "logout", "inspect"] {
        let refused = stage.home.oic_token(&[command]);
        assert_eq!(refused.code, 9, "{command}: {}", refused.stderr);
        let hint = "hint: run 'oic-token unlock'";
        assert!(refused.stderr.contains(hint), "{}", refused.stderr);
    }
    assert_eq!(stage.home.oic_token(&["status", "--check"]).code, 9);
    let status = stage.home.oic_token(&["status"]).succeeded();
    assert!(status.contains("sim      locked"), "{status}");
    assert!(status.contains("a passphrase, and locked: run"), "{status}");
    let json = stage.home.oic_token(&["status", "--json"]).succeeded();
    assert!(
        json.contains(r#""session_key":"a passphrase","lock":"locked""#),
        "{json}"
    );
    assert!(json.contains(r#""name":"sim","state":"locked""#), "{json}");
    assert_eq!(stage.unlock(PASSPHRASE), 0);
    assert_eq!(stage.home.oic_token(&["get"]).succeeded(), token);
    assert_eq!(stage.domain.log().len(), requests);
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let (stage, _) = Stage::locked();
    let wrong = stage.home.oic_token_reading(&["unlock"], "correct horse\n");
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.stderr.contains("error: the passphrase is wrong"),
        "{}",
        wrong.stderr
    );
    assert!(wrong.stderr.contains("again in 1 s"), "{}", wrong.stderr);
    assert_eq!(stage.home.oic_token(&["get"]).code, 9);
}

#[test]
fn after_a_wrong_passphrase_the_right_one_is_not_tried_at_once() {
    let (stage, _) = Stage::locked();
    let mut caller = Caller::connect(&stage.home.socket(), DEADLINE).unwrap();
    let mut unlock = |passphrase: &str| {
        let passphrase = Passphrase::new(passphrase.to_owned());
        caller.ask(&Request::Unlock { passphrase }).unwrap();
        caller.answer().unwrap()
    };
    let wrong = unlock("correct horse");
    let is_wrong = matches!(wrong, Response::Refused(Refusal::WrongPassphrase { .. }));
    assert!(is_wrong, "{wrong:?}");
    let soon = unlock(PASSPHRASE);
    let is_soon = matches!(soon, Response::Refused(Refusal::TooSoon { .. }));
    assert!(is_soon, "{soon:?}");
}

#[test]
fn a_passphrase_can_be_changed_and_is_in_no_log() {
    let stage = Stage::unset();
    assert_eq!(stage.unlock(PASSPHRASE), 0);
    let other = "battery staple correct horse";
    let change = ["unlock", "--change"];
    let lines = format!("{PASSPHRASE}\n{other}\n");
    let mut stage = stage;
    stage.home.oic_token_reading(&change, &lines).succeeded();
    let log = stage.daemon.log();
    assert!(log.contains("TRACE"), "the log is a trace");
    assert!(!log.contains(PASSPHRASE) && !log.contains(other), "{log}");
    stage.restart();
    assert_eq!(stage.unlock(other), 0);
    stage.restart();
    assert_eq!(stage.unlock(PASSPHRASE), 1);
}

#[test]
fn a_terminal_is_asked_twice_the_first_time_and_shows_nothing() {
    let stage = Stage::unset();
    let (mut child, mut terminal) = stage.home.oic_token_on_terminal(&["unlock"]);
    for prompt in ["new passphrase: ", "new passphrase, again: "] {
        terminal.wait_for(prompt);
        terminal.type_line(PASSPHRASE);
    }
    assert!(child.wait().unwrap().success());
    let rest = terminal.rest();
    assert!(rest.contains("the passphrase is set"), "{rest}");
    assert!(!rest.contains("horse"), "{rest}");
}

#[test]
fn two_passphrases_that_differ_set_none() {
    let stage = Stage::unset();
    let (mut child, mut terminal) = stage.home.oic_token_on_terminal(&["unlock"]);
    for (prompt, typed) in [
        ("new passphrase: ", PASSPHRASE),
        ("new passphrase, again: ", "correct hose"),
    ] {
        terminal.wait_for(prompt);
        terminal.type_line(typed);
    }
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(terminal.rest().contains("the two differ"));
    let json = stage.home.oic_token(&["status", "--json"]).succeeded();
    assert!(json.contains(r#""lock":"unset""#), "{json}");
}

#[test]
fn a_short_passphrase_is_refused() {
    let stage = Stage::unset();
    let short = stage.home.oic_token_reading(&["unlock"], "1234567\n");
    assert_eq!(short.code, 1);
    assert!(short.stderr.contains("8 to 1024 bytes"), "{}", short.stderr);
}

#[test]
fn where_no_passphrase_is_wanted_unlock_says_so() {
    let home = Home::new(&Simulator::start(quick_domain()).config_toml());
    let _daemon = Daemon::start(&home);
    let unlock = home.oic_token_reading(&["unlock"], PASSPHRASE);
    assert_eq!(unlock.code, 1);
    let key = match runner() {
        Some(_) => "a key under DPAPI",
        None => "the key file",
    };
    let said = format!("the sessions are sealed with {key}, and wait for no passphrase");
    assert!(unlock.stderr.contains(&said), "{}", unlock.stderr);
}

/// Argon2id takes 64 MiB for one try.
#[cfg(target_os = "linux")]
#[test]
fn the_memory_of_a_try_is_given_back() {
    const TRY_KIB: u64 = 64 * 1024;
    let stage = Stage::unset();
    assert_eq!(stage.unlock(PASSPHRASE), 0);
    let status = fs::read_to_string(format!("/proc/{}/status", stage.daemon.pid())).unwrap();
    let kib = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    assert!(kib("VmHWM:") > TRY_KIB, "{status}");
    assert!(kib("VmRSS:") < TRY_KIB, "{status}");
}
