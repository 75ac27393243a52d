//! The second socket, for callers from elsewhere: tokens of some profiles, and
//! nothing else.

use std::path::PathBuf;

use oic_tests::harness::{Daemon, Home, OtherUser, Outcome, set_mode};
use oic_tests::simulator::{JANE, Simulator};

use crate::profiles::config_of;
use crate::signed_in::quick_domain;

const ALICE: u32 = 60_001;

/// Jane signed in to `one` and `two`, of which `one` can be had from elsewhere.
struct Forwarded {
    home: Home,
    daemon: Daemon,
    _domains: [Simulator; 2],
}

impl Forwarded {
    fn start(more: &str) -> Self {
        let domain = || Simulator::start(quick_domain().knob("auto_approve", JANE));
        let domains = [domain(), domain()];
        let home = Home::new("");
        let config = config_of(&domains[0], &domains[1]);
        home.configure(&format!("{config}\n{}", forward(&home, more)));
        let daemon = Daemon::start(&home);
        for profile in ["one", "two"] {
            let login = home.oic_token(&["login", profile, "--no-browser"]);
            login.succeeded();
        }
        Self {
            home,
            daemon,
            _domains: domains,
        }
    }

    /// Runs `oic-token` as one would at the other end.
    fn oic_token(&self, arguments: &[&str]) -> Outcome {
        let socket = socket(&self.home).display().to_string();
        let all = [arguments, &["--socket", &socket]].concat();
        self.home.oic_token(&all)
    }
}

fn socket(home: &Home) -> PathBuf {
    home.path("run/oic-tokend/forward")
}

fn forward(home: &Home, more: &str) -> String {
    let socket = socket(home);
    format!("[forward]\nsocket = {socket:?}\nprofiles = [\"one\"]\n{more}\n")
}

#[test]
fn from_elsewhere_there_are_the_tokens_of_the_named_profiles_and_nothing_else() {
    let forwarded = Forwarded::start("");
    let token = forwarded.home.oic_token(&["get", "one"]).succeeded();
    assert_eq!(forwarded.oic_token(&["get", "one"]).succeeded(), token);
    assert_eq!(forwarded.oic_token(&["get"]).succeeded(), token);
    let (two, none) = (
        forwarded.oic_token(&["get", "two"]),
        forwarded.oic_token(&["get", "none"]),
    );
    assert_eq!(two.code, 6, "{}", two.stderr);
    assert_eq!(two, none);
    for command in [
        &["get", "one", "--force"][..],
        &["status"],
        &["status", "one"],
        &["logout", "one"],
        &["logout", "--all"],
        &["login", "one", "--no-browser"],
    ] {
        let refused = forwarded.oic_token(command);
        assert_eq!(refused.code, 6, "{command:?}: {}", refused.stderr);
    }
    let arguments = [
        "reject",
        "one",
        "--socket",
        &socket(&forwarded.home).display().to_string(),
    ];
    let reject = forwarded.home.oic_token_reading(&arguments, &token);
    assert_eq!(reject.code, 6, "{}", reject.stderr);
    let line = forwarded.daemon.wait_for_log("granted profile=\"one\"");
    assert!(line.contains("times="), "{line}");
    forwarded.daemon.wait_for_log("forwarded=true");
}

#[test]
fn what_can_be_had_from_elsewhere_changes_with_a_reload() {
    let forwarded = Forwarded::start("");
    let (home, daemon) = (&forwarded.home, &forwarded.daemon);
    let config = std::fs::read_to_string(home.config()).unwrap();
    home.configure(&config.replace("profiles = [\"one\"]", "profiles = [\"two\"]"));
    daemon.reload();
    assert_eq!(forwarded.oic_token(&["get", "one"]).code, 6);
    let two = home.oic_token(&["get", "two"]).succeeded();
    assert_eq!(forwarded.oic_token(&["get", "two"]).succeeded(), two);
    let (without, _) = config.split_once("[forward]").unwrap();
    home.configure(without);
    daemon.reload();
    let get = forwarded.oic_token(&["get", "two"]);
    assert_ne!(get.code, 0);
    assert_eq!(get.stdout, "");
}

#[test]
fn who_may_come_from_elsewhere_is_a_list_of_its_own() {
    let Some(alice) = OtherUser::new(ALICE, &[]) else {
        return;
    };
    let forwarded = Forwarded::start(&format!("allow = {{ users = [\"{ALICE}\"] }}"));
    forwarded.home.open_to_others();
    set_mode(&forwarded.home.socket(), 0o777);
    alice
        .does(|| forwarded.oic_token(&["get", "one"]))
        .succeeded();
    let here = alice.does(|| forwarded.home.oic_token(&["get", "one"]));
    assert_eq!(here.code, 6, "{}", here.stderr);
}
