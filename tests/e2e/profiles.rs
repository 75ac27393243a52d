//! Several profiles in one daemon: one never delays another.

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::signed_in::quick_domain;

/// The configuration of two domains, `one` the default.
pub fn config_of(one: &Simulator, two: &Simulator) -> String {
    let one = one.config_toml().replace("sim", "one");
    let two = two.config_toml().replace("sim", "two");
    let (_, two) = two.split_once("\n\n").expect("the default comes first");
    format!("{one}\n{two}")
}

#[test]
fn a_profile_whose_domain_hangs_delays_no_other() {
    let domain = || Simulator::start(quick_domain().knob("auto_approve", JANE));
    let (one, two) = (domain(), domain());
    let home = Home::new(&config_of(&one, &two));
    let _daemon = Daemon::start(&home);
    home.oic_token(&["login", "one", "--no-browser"])
        .succeeded();

    two.fault(Fault::Hold, 1, Endpoint::Device);
    let stuck = home.start_oic_token(&["login", "two", "--no-browser", "--json"]);
    two.wait_for_requests(|log| !log.is_empty(), oic_tests::harness::DEADLINE)
        .unwrap();
    home.oic_token(&["get", "one"]).succeeded();
    home.oic_token(&["get", "one", "--force"]).succeeded();
    home.oic_token(&["status"]).succeeded();
    stuck.kill();
}

#[test]
fn logout_all_logs_out_every_profile() {
    let domain = || Simulator::start(quick_domain().knob("auto_approve", JANE));
    let (one, two) = (domain(), domain());
    let home = Home::new(&config_of(&one, &two));
    let _daemon = Daemon::start(&home);
    for profile in ["one", "two"] {
        home.oic_token(&["login", profile, "--no-browser"])
            .succeeded();
    }
    home.oic_token(&["logout", "--all"]).succeeded();
    assert_eq!(home.oic_token(&["get", "one"]).code, 3);
    assert_eq!(home.oic_token(&["get", "two"]).code, 3);
}
