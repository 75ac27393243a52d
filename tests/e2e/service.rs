//! `oic-token service`: the daemon as a service of the user's systemd.

use std::fs;

use oic_tests::harness::{Daemon, Home};

use crate::setup::with_systemctl;

/// What systemd was told, with `units` for the folder of its units.
fn told(home: &Home) -> String {
    let units = home.path(".config/systemd/user").display().to_string();
    let told = fs::read_to_string(home.path("told")).unwrap();
    told.replace(&units, "units")
}

const PROFILE: &str = "[profile.prod]\ndomain = \"https://id.example.com\"\n\
                       client_id = \"abc\"\nscopes = [\"api\"]\n";

#[test]
fn a_service_is_installed_for_its_configuration_and_taken_back_whole() {
    let home = Home::new(PROFILE);
    // What systemd would start.
    let _daemon = Daemon::start(&home);
    let config = home.config().display().to_string();
    let mut install = with_systemctl(&home, "echo \"$@\" >>$HOME/told");
    let output = install.args(["service", "install", "--config", &config]);
    let said = String::from_utf8(output.output().unwrap().stderr).unwrap();
    assert!(said.contains("oic-tokend runs"), "{said}");
    assert!(told(&home).ends_with(
        "--user daemon-reload\n\
         --user enable --now units/oic-tokend.socket units/oic-tokend.service\n"
    ));
    let unit = home.path(".config/systemd/user/oic-tokend.service");
    let text = fs::read_to_string(&unit).unwrap();
    assert!(text.contains(&format!("--config \"{config}\"")), "{text}");

    let mut uninstall = home.command(&home.program("oic-token"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", home.path("").display());
    let output = uninstall.env("PATH", path).args(["service", "uninstall"]);
    assert!(output.status().unwrap().success());
    assert!(told(&home).ends_with(
        "--user disable --now oic-tokend.socket oic-tokend.service\n--user daemon-reload\n"
    ));
    let left = fs::read_dir(unit.parent().unwrap()).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn a_configuration_that_is_refused_gets_no_service() {
    let home = Home::new("profile = 1\n");
    let config = home.config().display().to_string();
    let mut install = with_systemctl(&home, "echo \"$@\" >>$HOME/told");
    let output = install.args(["service", "install", "--config", &config]);
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("refuses this configuration"), "{said}");
    assert!(!home.path("told").exists());
}

#[test]
fn without_a_service_manager_that_is_said() {
    let home = Home::new(PROFILE);
    let said = home.oic_token(&["service", "install"]);
    assert_eq!(said.code, 1);
    let expected = "oic-token: error: this user has no systemd here\n\
                    oic-token: hint: have what starts programs here run 'oic-tokend'\n";
    assert_eq!(said.stderr, expected);
}
