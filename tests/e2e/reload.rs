//! The configuration read again (SIGHUP): profiles come, go and change, and
//! no session is lost or disturbed by it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE, Daemon, Home, tls::Front};
use oic_tests::simulator::{
    CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, Endpoint, Fault, JANE, LogEntry, Outcome,
    PUBLIC_CLIENT, Simulator,
};

use crate::profiles::config_of;
use crate::signed_in::{quick_domain, refreshes};

/// Two domains with a profile each, and who is signed in there.
struct Two {
    one: Simulator,
    two: Simulator,
    home: Home,
    daemon: Daemon,
}

impl Two {
    /// A daemon that knows both domains, nobody signed in.
    fn start() -> Self {
        let domain = || Simulator::start(quick_domain().knob("auto_approve", JANE));
        let (one, two) = (domain(), domain());
        let home = Home::new(&config_of(&one, &two));
        let daemon = Daemon::start(&home);
        Self {
            one,
            two,
            home,
            daemon,
        }
    }

    fn signed_in() -> Self {
        let started = Self::start();
        started.login("one");
        started.login("two");
        started
    }

    fn both(&self) -> String {
        config_of(&self.one, &self.two)
    }

    fn only_one(&self) -> String {
        self.one.config_toml().replace("sim", "one")
    }

    /// Writes this configuration and has it read; what the daemon says.
    fn reload(&self, config: &str) -> String {
        self.home.configure(config);
        self.daemon.reload()
    }

    #[track_caller]
    fn login(&self, profile: &str) {
        let login = self.home.oic_token(&["login", profile, "--no-browser"]);
        login.succeeded();
    }

    #[track_caller]
    fn get(&self, profile: &str) -> String {
        self.home.oic_token(&["get", profile]).succeeded()
    }

    /// Has the token of `two` refreshed by a domain that takes its time; the
    /// caller that waits for it.
    fn refresh_slowly(&self) -> oic_tests::harness::Run {
        self.two.fault(Fault::HoldAfterRotation, 1, Endpoint::Token);
        let forced = self.home.start_oic_token(&["get", "two", "--force"]);
        let held = |log: &[LogEntry]| log.iter().any(|it| it.outcome == Outcome::Held);
        self.two.wait_for_requests(held, DEADLINE).unwrap();
        forced
    }
}

#[test]
fn an_added_profile_is_served_and_a_removed_one_is_not() {
    let two = Two::start();
    two.login("one");
    two.reload(&two.only_one());
    let get = two.home.oic_token(&["get", "two"]);
    assert_eq!(get.code, 7, "{}", get.stderr);
    assert!(get.stderr.contains("known profiles: one"), "{}", get.stderr);
    two.reload(&two.both());
    two.login("two");
    two.get("two");
}

#[test]
fn a_profile_that_is_added_again_is_still_signed_in() {
    let two = Two::signed_in();
    let token = two.get("two");
    let requests = two.two.log().len();
    two.reload(&two.only_one());
    assert!(two.home.state().join("two.session").exists());
    two.daemon.wait_for_log("stays on disk");
    two.reload(&two.both());
    assert_eq!(two.get("two"), token);
    assert_eq!(two.two.log().len(), requests, "nothing was asked for");
}

#[test]
fn the_default_profile_can_be_another() {
    let two = Two::signed_in();
    assert_eq!(two.home.oic_token(&["get"]).succeeded(), two.get("one"));
    let config = two.both();
    two.reload(&config.replace("default_profile = \"one\"", "default_profile = \"two\""));
    assert_eq!(two.home.oic_token(&["get"]).succeeded(), two.get("two"));
}

#[test]
fn a_wrong_client_id_is_repaired_while_another_profile_is_served_all_the_time() {
    let two = Two::start();
    two.login("one");
    let good = two.both();
    let (of_one, of_two) = good.rsplit_once(PUBLIC_CLIENT).unwrap();
    let wrong = format!("{of_one}{}{of_two}", PUBLIC_CLIENT.replace('6', "7"));
    let requests = two.one.log().len();
    let done = AtomicBool::new(false);
    let served = thread::scope(|scope| {
        let asking = scope.spawn(|| ask_all_the_time(&two.home, &done));
        two.reload(&wrong);
        let login = two.home.oic_token(&["login", "two", "--no-browser"]);
        assert_eq!(login.code, 1, "{}", login.stderr);
        two.reload(&good);
        two.login("two");
        two.get("two");
        done.store(true, Ordering::SeqCst);
        asking.join().unwrap()
    });
    assert!(served > 0);
    assert_eq!(two.one.log().len(), requests, "nothing was asked for");
}

/// Asks for the token of `one` until `done`; how often it was there, which is
/// always.
fn ask_all_the_time(home: &Home, done: &AtomicBool) -> usize {
    let request = Request::GetToken {
        profile: Some("one".to_owned()),
        min_validity: Duration::from_secs(60),
        patience: DEADLINE,
        force: false,
    };
    let mut caller = Caller::connect(&home.socket(), DEADLINE).unwrap();
    let mut served = 0;
    while !done.load(Ordering::SeqCst) {
        caller.ask(&request).unwrap();
        let answer = caller.answer().unwrap();
        assert!(matches!(answer, Response::Token(_)), "{answer:?}");
        served += 1;
    }
    served
}

/// The server refuses the client, and would not be asked again for ten
/// minutes.
#[test]
fn a_client_that_was_refused_is_tried_at_once_with_its_new_secret() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let config = domain
        .config_toml()
        .replace(PUBLIC_CLIENT, CONFIDENTIAL_CLIENT);
    let home = Home::new(&format!("{config}client_secret_file = \"secret\"\n"));
    let secret = |text: &str| {
        fs::write(home.path("secret"), text).unwrap();
        fs::set_permissions(home.path("secret"), fs::Permissions::from_mode(0o600)).unwrap();
    };
    secret(CONFIDENTIAL_SECRET);
    let daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let before = home.oic_token(&["get"]).succeeded();
    secret("wrong");
    daemon.reload();
    let forced = home.oic_token(&["get", "--force"]);
    assert_eq!(forced.code, 1, "{}", forced.stderr);
    assert_eq!(home.oic_token(&["get"]).succeeded(), before);

    secret(CONFIDENTIAL_SECRET);
    daemon.reload();
    // Before anybody asks for a token.
    let answered = |log: &[LogEntry]| refreshes(log).any(|it| it.status == Some(200));
    domain.wait_for_requests(answered, DEADLINE).unwrap();
    assert_ne!(home.oic_token(&["get", "--force"]).succeeded(), before);
}

#[test]
fn a_certificate_authority_can_be_added() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let (front, certificate) = Front::tls(&domain.url());
    let secure = format!("https://{}", front.address());
    let config = domain.config_toml().replace(&domain.url(), &secure);
    let home = Home::new(&config);
    let daemon = Daemon::start(&home);
    assert_eq!(home.oic_token(&["login", "--no-browser"]).code, 5);
    fs::write(home.path("ca.pem"), certificate).unwrap();
    home.configure(&format!("ca_file = \"ca.pem\"\n{config}"));
    daemon.reload();
    home.oic_token(&["login", "--no-browser"]).succeeded();
}

#[test]
fn a_broken_configuration_changes_nothing_and_the_log_says_where_it_is_broken() {
    let two = Two::signed_in();
    let (of_one, of_two) = (two.get("one"), two.get("two"));
    let config = two.only_one().replace("client_id", "client_name");
    let line = config.lines().position(|it| it.starts_with("client_name"));
    let said = two.reload(&config);
    let place = format!("config.toml:{}: profile.one.client_name", line.unwrap() + 1);
    assert!(said.contains("refused"), "{said}");
    assert!(said.contains(&place), "{said}");
    assert_eq!(two.get("one"), of_one);
    assert_eq!(two.get("two"), of_two);
    // A mistake that is mended is forgotten.
    assert!(!two.reload(&two.both()).contains("refused"));
}

#[test]
fn a_change_during_a_slow_refresh_loses_nothing() {
    let mut two = Two::signed_in();
    let forced = two.refresh_slowly();
    two.reload(&format!("{}refresh_token_lifetime = 86400\n", two.both()));
    two.two.release();
    let renewed = forced.finish().succeeded();
    assert_eq!(refreshes(&two.two.log()).count(), 1);
    two.daemon.kill();
    two.daemon = Daemon::start(&two.home);
    assert_eq!(two.get("two"), renewed);
    let again = two.home.oic_token(&["get", "two", "--force"]).succeeded();
    assert_ne!(again, renewed);
}

/// The new task of the profile reads what the old one has still to write.
#[test]
fn a_profile_removed_and_added_during_a_slow_refresh_has_the_new_token() {
    let two = Two::signed_in();
    let waiting = two.refresh_slowly();
    two.reload(&two.only_one());
    two.reload(&two.both());
    let asking = two.home.start_oic_token(&["get", "two"]);
    two.two.release();
    let renewed = waiting.finish().succeeded();
    assert_eq!(asking.finish().succeeded(), renewed);
    assert_eq!(refreshes(&two.two.log()).count(), 1);
}

#[test]
fn a_profile_removed_during_a_slow_refresh_has_stored_the_new_token_when_it_comes_back() {
    let two = Two::signed_in();
    let waiting = two.refresh_slowly();
    two.reload(&two.only_one());
    two.two.release();
    let renewed = waiting.finish().succeeded();
    two.reload(&two.both());
    assert_eq!(two.get("two"), renewed);
    assert_eq!(refreshes(&two.two.log()).count(), 1);
}
