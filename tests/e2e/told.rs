//! What users hear without asking: by hooks, and in the status line.

#![cfg(unix)]

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::signed_in::quick_domain;
use crate::token_file::wait_until;

fn domain() -> Simulator {
    Simulator::start(quick_domain().knob("auto_approve", JANE))
}

#[test]
fn hooks_are_run_with_facts_and_without_a_token() {
    let domain = domain();
    let home = Home::new(&domain.config_toml());
    let (seen, script) = (home.path("seen"), home.path("hook"));
    let text = format!(
        "#!/bin/sh\nenv > {0}.all\necho \"$OIC_EVENT $1 $OIC_PROFILE $OIC_ERROR\" > {0}.new\n\
         mv {0}.new {0}\n",
        seen.display()
    );
    std::fs::write(&script, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&script, mode).unwrap();
    let hook = script.display();
    home.configure(&format!(
        "{}\n[hooks]\non_event = [\"{hook}\", \"an argument; $HOME\"]\n",
        domain.config_toml()
    ));
    let _daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    home.oic_token(&["get", "--force"]).succeeded();
    wait_until(&seen, Some("renewed an argument; $HOME sim \n"));
    domain.fault(Fault::InvalidGrant, 1, Endpoint::Token);
    home.oic_token(&["get", "--force"]);
    wait_until(
        &seen,
        Some("login_needed an argument; $HOME sim invalid_grant\n"),
    );
    let all = std::fs::read_to_string(home.path("seen.all")).unwrap();
    for secret in domain.secrets_issued() {
        assert!(!all.contains(&secret));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_service_manager_is_told_how_the_profiles_stand() {
    use std::os::unix::net::UnixDatagram;

    use oic_tests::harness::DEADLINE;

    let domain = domain();
    let home = Home::new(&domain.config_toml());
    let path = home.path("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(DEADLINE)).unwrap();
    // What it is given to keep is not news.
    let told = || {
        let mut bytes = [0; 256];
        loop {
            let len = manager.recv(&mut bytes).unwrap();
            let text = String::from_utf8_lossy(&bytes[..len]);
            if !text.starts_with("FDSTORE") {
                return text.trim_end().to_owned();
            }
        }
    };
    let _daemon = Daemon::spawn(&home, &[("NOTIFY_SOCKET", path.to_str().unwrap())]);
    assert_eq!(told(), "READY=1");
    assert_eq!(told(), "STATUS=signed out: sim");
    home.oic_token(&["login", "--no-browser"]).succeeded();
    assert_eq!(told(), "STATUS=signed in: sim");
}
