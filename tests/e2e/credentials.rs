//! The socket for `LoadCredential=`: tokens of some profiles for some units of
//! systemd, which says who asks by the address that it connects from.

use std::path::PathBuf;

use oic_tests::harness::{DEADLINE, Daemon, Home, OtherUser, load_credential, read_from, set_mode};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::profiles::config_of;
use crate::signed_in::quick_domain;

const ALICE: u32 = 60_001;

/// Jane signed in to `one`, and nobody to `two`.
struct Units {
    home: Home,
    daemon: Daemon,
    domains: [Simulator; 2],
}

const UNITS: &str = r#"
[credentials.units]
"job.service" = "one"
"late.service" = "two"
"backup@.service" = { token = "one" }
"#;

impl Units {
    fn start() -> Self {
        let domain = || Simulator::start(quick_domain().knob("auto_approve", JANE));
        let domains = [domain(), domain()];
        let config = config_of(&domains[0], &domains[1]);
        let home = Home::new(&format!("{config}{UNITS}"));
        let daemon = Daemon::start(&home);
        home.oic_token(&["login", "one", "--no-browser"])
            .succeeded();
        Self {
            home,
            daemon,
            domains,
        }
    }

    fn socket(&self) -> PathBuf {
        self.home.path("run/oic-tokend/credentials")
    }

    fn load(&self, unit: &str, credential: &str) -> String {
        load_credential(&self.socket(), unit, credential)
    }

    fn get(&self, profile: &str) -> String {
        let printed = self.home.oic_token(&["get", profile]).succeeded();
        printed.trim_end().to_owned()
    }
}

#[test]
fn a_unit_loads_the_token_of_its_profile_and_the_log_says_so() {
    let units = Units::start();
    let token = units.get("one");
    assert_eq!(units.load("job.service", "token"), token);
    assert_eq!(units.load("job.service", "whatever"), token);
    assert_eq!(units.load("backup@home.service", "token"), token);
    let line = units.daemon.wait_for_log("credential=\"whatever\"");
    for part in [
        "granted profile=\"one\"",
        "unit=\"job.service\"",
        "program=",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!units.daemon.log().contains(&token));
}

#[test]
fn a_unit_without_a_token_loads_nothing_and_the_log_says_what_to_do() {
    let units = Units::start();
    assert_eq!(units.load("late.service", "token"), "");
    let line = units
        .daemon
        .wait_for_log("credential 'token' of late.service is empty: ");
    assert!(line.contains("run 'oic-token login two'"), "{line}");
    assert_eq!(units.load("other.service", "token"), "");
    assert_eq!(units.load("backup@home.service", "other"), "");
    let refused = "refused profile=\"?\"";
    let line = units.daemon.wait_for_log_times(refused, 2);
    assert!(line.contains("why=\"not_mapped\""), "{line}");
    let line = units
        .daemon
        .wait_for_log("credential 'token' of other.service is empty: ");
    assert!(line.contains("'units' of [credentials]"), "{line}");
}

#[test]
fn a_token_that_a_resource_has_refused_is_renewed_for_a_unit_too() {
    let units = Units::start();
    let refused = units.get("one");
    units.home.oic_token_reading(&["reject", "one"], &refused);
    let next = units.load("job.service", "token");
    assert_ne!(next, refused);
    assert_eq!(next, units.get("one"));
}

#[test]
fn which_unit_gets_which_token_changes_with_a_reload() {
    let units = Units::start();
    let config = std::fs::read_to_string(units.home.config()).unwrap();
    units
        .home
        .configure(&config.replace("job.service", "task.service"));
    units.daemon.reload();
    assert_eq!(units.load("job.service", "token"), "");
    assert_eq!(units.load("task.service", "token"), units.get("one"));
    let (without, _) = config.split_once("[credentials").unwrap();
    units.home.configure(without);
    units.daemon.reload();
    assert_eq!(units.load("task.service", "token"), "");
}

/// It would take an empty answer for a credential, and start.
#[test]
fn a_unit_that_starts_while_the_daemon_ends_is_not_answered() {
    let units = Units::start();
    let domain = &units.domains[0];
    domain.fault(Fault::Hold, 1, Endpoint::Token);
    let before = domain.log().len();
    let renewal = units.home.start_oic_token(&["get", "one", "--force"]);
    let asked = domain.wait_for_requests(|log| log.len() > before, DEADLINE);
    asked.unwrap();
    units.daemon.ask_to_end();
    units.daemon.wait_for_log("stopping; ");
    let address = "0/unit/job.service/token";
    read_from(&units.socket(), address).unwrap_err();
    renewal.kill();
}

#[test]
fn whoever_is_not_systemd_loads_nothing() {
    let units = Units::start();
    let read = read_from(&units.socket(), "job.service/token");
    assert_eq!(read.unwrap(), "");
    units.daemon.wait_for_log("why=\"no_unit\"");
    let Some(alice) = OtherUser::new(ALICE, &[]) else {
        return;
    };
    units.home.open_to_others();
    set_mode(&units.socket(), 0o777);
    let config = std::fs::read_to_string(units.home.config()).unwrap();
    let allow = format!("[profile.one]\nallow = {{ users = [\"{ALICE}\"] }}");
    units
        .home
        .configure(&config.replace("[profile.one]", &allow));
    units.daemon.reload();
    // What she may have at the first socket.
    let token = alice.does(|| units.get("one"));
    assert_eq!(token, units.load("job.service", "token"));
    assert_eq!(alice.does(|| units.load("job.service", "token")), "");
    units.daemon.wait_for_log("why=\"stranger\"");
}
