//! Where the programs look, and what they say of it.

use std::fs;

use oic_tests::harness::{Home, binary};
use oic_tests::simulator::{PUBLIC_CLIENT, SCOPE, Simulator};

use super::app_data;
use crate::signed_in::quick_domain;

/// What nobody has on Windows.
#[track_caller]
fn names_nothing_of_unix(said: &str) {
    for foreign in ["systemctl", "journalctl", "chmod", "/etc", ".config"] {
        assert!(!said.contains(foreign), "{foreign} in {said}");
    }
}

/// What the daemon says of its configuration, and whether it is good.
fn checked(home: &Home) -> (String, bool) {
    let mut daemon = home.command(&binary("oic-tokend"));
    let output = daemon.arg("--check-config").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), output.status.success())
}

#[test]
#[ignore = "needs programs for Windows"]
fn setup_writes_where_the_daemon_looks() {
    let domain = Simulator::start(quick_domain());
    let home = Home::new("");
    let folder = app_data("Roaming").join("oic-tokend");
    // Of a run before.
    let _ = fs::remove_dir_all(&folder);
    let shown = r"AppData\Roaming\oic-tokend\config.toml";
    let (said, good) = checked(&home);
    assert!(said.contains(shown) && !good, "{said}");
    names_nothing_of_unix(&said);

    let url = domain.url();
    let mut words = vec!["setup", "prod", "--yes", "--no-service", "--no-login"];
    words.extend([
        "--domain",
        &url,
        "--client-id",
        PUBLIC_CLIENT,
        "--scope",
        SCOPE,
    ]);
    let setup = home.oic_token(&words);
    assert!(setup.stderr.contains(shown), "{}", setup.stderr);
    names_nothing_of_unix(&setup.stderr);
    setup.succeeded();
    let written = fs::read_to_string(folder.join("config.toml")).unwrap();
    assert!(written.contains("'oic-token service install' has it read"));
    names_nothing_of_unix(&written);
    let (said, good) = checked(&home);
    assert!(said.contains(shown) && good, "{said}");

    let doctor = home.oic_token(&["doctor"]);
    assert!(doctor.stdout.contains(shown), "{}", doctor.stdout);
    assert!(doctor.stdout.contains("'oic-token service install'"));
    names_nothing_of_unix(&doctor.stdout);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
#[ignore = "needs programs for Windows"]
fn without_a_daemon_the_command_is_named_that_has_one_started() {
    let said = Home::new("").oic_token(&["get"]);
    assert_eq!(said.code, 4);
    let hint = "start oic-tokend: 'oic-token service install', or 'oic-tokend' in a terminal";
    assert!(said.stderr.contains(hint), "{}", said.stderr);
    names_nothing_of_unix(&said.stderr);
}
