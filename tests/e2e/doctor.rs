//! `oic-token doctor`: what is wrong is named, with what mends it.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use oic_tests::harness::{Daemon, Home, Outcome, tls::Front};
use oic_tests::simulator::{JANE, JOHN, Simulator};

use crate::signed_in::{SignedIn, quick_domain};

/// The configuration where a daemon that is told nothing looks for it, too.
fn known(home: &Home) {
    let folder = home.path(".config/oic-tokend");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(home.config(), folder.join("config.toml")).unwrap();
}

fn doctor(home: &Home, arguments: &[&str]) -> Outcome {
    known(home);
    home.oic_token(&[&["doctor"], arguments].concat())
}

#[test]
fn where_all_is_well_it_says_so() {
    let signed_in = SignedIn::with_lifetime(3600);
    let said = doctor(&signed_in.home, &[]);
    assert_eq!(said.code, 0, "{}", said.stdout);
    for line in [
        "ok   daemon         oic-tokend ",
        "ok   socket         /",
        "ok   configuration  /",
        "profile sim",
        "ok   session               jane.doe@example.com is signed in",
        "ok   connection            http://127.0.0.1:",
        "ok   clock                 within 60 s",
        "ok   device authorization  a user could sign in at http://127.0.0.1:",
        "ok   client                accepted",
        "everything is as it should be",
    ] {
        assert!(said.stdout.contains(line), "{line} in {}", said.stdout);
    }
    assert!(!said.stdout.contains(&signed_in.get()));
}

#[test]
fn each_switch_of_the_domain_is_named() {
    for (knob, value, named) in [
        (
            "allow_token_refresh",
            "false",
            "switch on 'Allow token refresh'",
        ),
        ("refresh_grant", "refused", "tick the grants"),
    ] {
        let started = SignedIn::signed_out(quick_domain().knob(knob, value));
        let said = doctor(&started.home, &[]);
        assert_eq!(said.code, 1, "{}", said.stdout);
        assert!(said.stdout.contains(named), "{}", said.stdout);
    }
}

#[test]
fn a_clock_that_is_off_is_told() {
    let started = SignedIn::signed_out(quick_domain());
    started.domain.advance(Duration::from_secs(600));
    let said = doctor(&started.home, &[]);
    assert!(
        said.stdout.contains(" s behind the server's"),
        "{}",
        said.stdout
    );
    assert_eq!(said.code, 0, "it works all the same");
}

#[test]
fn without_a_daemon_the_program_looks() {
    let domain = Simulator::start(quick_domain());
    let home = Home::new(&domain.config_toml());
    let said = doctor(&home, &[]);
    assert_eq!(said.code, 4, "{}", said.stdout);
    for line in [
        "BAD  daemon         no daemon listens",
        "start oic-tokend",
        "ok   client                accepted",
    ] {
        assert!(said.stdout.contains(line), "{line} in {}", said.stdout);
    }
}

#[test]
fn a_state_folder_that_keeps_the_daemon_from_starting_is_named() {
    let domain = Simulator::start(quick_domain());
    let home = Home::new(&domain.config_toml());
    let folder = home.path(".local/state/oic-tokend");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
    let said = doctor(&home, &[]);
    assert_eq!(said.code, 4, "{}", said.stdout);
    let shown = folder.display();
    for line in [
        format!("BAD  state          {shown} is open to other users"),
        format!("run 'chmod 700 {shown}'"),
    ] {
        assert!(said.stdout.contains(&line), "{line} in {}", said.stdout);
    }
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
    let said = doctor(&home, &[]);
    let line = format!("ok   state          {shown}");
    assert!(said.stdout.contains(&line), "{}", said.stdout);
}

#[test]
fn a_session_whose_key_is_gone_is_told_from_a_full_disk() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.daemon.terminate();
    std::fs::remove_file(signed_in.home.state().join("key")).unwrap();
    signed_in.daemon = Daemon::start(&signed_in.home);
    let said = doctor(&signed_in.home, &[]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    for words in [
        "put that key back",
        "leave that session; run 'oic-token login",
    ] {
        assert!(said.stdout.contains(words), "{words} in {}", said.stdout);
    }
    assert!(!said.stdout.contains("make room"), "{}", said.stdout);
}

#[test]
fn whoever_stands_between_is_named() {
    let domain = Simulator::start(quick_domain());
    let (front, _) = Front::tls(&domain.url());
    let secure = format!("https://{}", front.address());
    let home = Home::new(&domain.config_toml().replace(&domain.url(), &secure));
    let _daemon = Daemon::start(&home);
    let said = doctor(&home, &[]);
    assert_eq!(said.code, 1, "{}", said.stdout);
    for part in ["issued by CN=rcgen self signed cert", "'ca_file'"] {
        assert!(said.stdout.contains(part), "{part} in {}", said.stdout);
    }
}

#[test]
fn a_resource_is_asked_and_its_answer_explained() {
    for (user, code, named) in [
        (JANE, 0, "takes the access token"),
        (JOHN, 1, "ServiceInvoker"),
    ] {
        let signed_in = SignedIn::signed_out(quick_domain().knob("auto_approve", user));
        let login = ["login", "--no-browser"];
        signed_in.home.oic_token(&login).succeeded();
        let url = format!(
            "{}/ic/api/integration/v1/flows/rest/ECHO/1.0/hello",
            signed_in.domain.url()
        );
        let said = doctor(&signed_in.home, &["--url", &url]);
        assert_eq!(said.code, code, "{}", said.stdout);
        assert!(said.stdout.contains(named), "{}", said.stdout);
    }
}
