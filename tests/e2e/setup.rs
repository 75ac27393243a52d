//! `oic-token setup`: from nothing to a first access token.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{JANE, Options, PUBLIC_CLIENT, SCOPE, Simulator};

use rustix::process::{Pid, Signal, kill_process};

use crate::signed_in::quick_domain;

fn domain(options: Options) -> Simulator {
    Simulator::start(options.knob("auto_approve", JANE))
}

/// What a script gives.
fn setup<'a>(profile: &'a str, url: &'a str) -> [&'a str; 10] {
    [
        "setup",
        profile,
        "--domain",
        url,
        "--client-id",
        PUBLIC_CLIENT,
        "--scope",
        SCOPE,
        "--yes",
        "--no-service",
    ]
}

#[test]
fn what_a_script_does_not_give_is_named() {
    let home = Home::new("");
    let said = home.oic_token(&["setup"]);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.contains("'--domain' is missing"),
        "{}",
        said.stderr
    );
}

#[test]
fn options_alone_write_a_configuration_that_is_good() {
    let domain = domain(quick_domain());
    let home = Home::new("");
    let said = home.oic_token(&setup("prod", &domain.url()));
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(
        said.stderr.contains("now run 'oic-tokend'"),
        "{}",
        said.stderr
    );
    let written = home.path(".config/oic-tokend/config.toml");
    let mode = fs::metadata(&written).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    home.configure(&fs::read_to_string(&written).unwrap());
    let _daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    home.oic_token(&["get"]).succeeded();
}

#[test]
fn a_daemon_that_runs_learns_of_one_more_profile_and_signs_it_in() {
    let domain = domain(quick_domain());
    let home = Home::new(&domain.config_toml());
    let _daemon = Daemon::start(&home);
    let (config, url) = (home.config().display().to_string(), domain.url());
    let arguments = [&setup("other", &url)[..], &["--config", &config]].concat();
    let said = home.oic_token(&arguments);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(
        said.stderr.contains("signed in as jane.doe@example.com"),
        "{}",
        said.stderr
    );
    home.oic_token(&["get", "other"]).succeeded();

    let again = home.oic_token(&arguments);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("has a profile 'other' already"),
        "{}",
        again.stderr
    );
}

#[test]
fn answers_that_make_no_configuration_are_said_to_make_none() {
    let home = Home::new("");
    let said = home.oic_token(&["setup", "--domain", "ftp://id.example.com", "--yes"]);
    assert_eq!(said.code, 1);
    assert!(
        said.stderr.starts_with("oic-token:   BAD  configuration  "),
        "{}",
        said.stderr
    );
    // Not where it was tried.
    assert!(!said.stderr.contains("/token:"), "{}", said.stderr);

    let written = home.path(".config/oic-tokend/config.toml");
    std::fs::create_dir_all(written.parent().unwrap()).unwrap();
    std::fs::write(&written, "domian = 1\n").unwrap();
    let arguments = [
        &setup("prod", "https://id.example.com")[..],
        &["--no-check"],
    ]
    .concat();
    let said = home.oic_token(&arguments);
    assert_eq!(said.code, 1);
    let expected = format!("refuses this configuration: {}:1: ", written.display());
    assert!(said.stderr.contains(&expected), "{}", said.stderr);
}

#[test]
fn a_daemon_with_another_configuration_is_said_to_have_one() {
    let domain = domain(quick_domain());
    let home = Home::new(&domain.config_toml());
    let _daemon = Daemon::start(&home);
    let said = home.oic_token(&setup("other", &domain.url()));
    assert_eq!(said.code, 1, "{}", said.stderr);
    let expected = "the oic-tokend that runs does not know profile 'other'";
    assert!(said.stderr.contains(expected), "{}", said.stderr);
    assert!(!said.stderr.contains("now run"), "{}", said.stderr);
}

/// A user with a service manager, which does what `script` says.
pub fn with_systemctl(home: &Home, script: &str) -> std::process::Command {
    fs::create_dir(home.path("run/systemd")).unwrap();
    let systemctl = home.path("systemctl");
    fs::write(&systemctl, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&systemctl, PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = home.command(&home.program("oic-token"));
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", home.path("").display()));
    command
}

#[test]
fn the_service_finds_a_configuration_that_a_variable_led_to() {
    let domain = domain(quick_domain());
    let home = Home::new("");
    // As systemd would start it, but for its protection.
    let start = r#"
        for unit; do :; done
        case "$*" in *enable*)
            eval "env -u XDG_CONFIG_HOME $(sed -n 's/^ExecStart=//p' "$unit") >/dev/null 2>&1 &"
            echo $! >$HOME/pid
        esac"#;
    let mut setup_by = with_systemctl(&home, start);
    let elsewhere = home.path("a b");
    let arguments = setup("prod", &domain.url()).map(str::to_owned);
    let said = setup_by
        .args(&arguments[..9])
        .env("XDG_CONFIG_HOME", &elsewhere)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let pid = fs::read_to_string(home.path("pid")).expect(&said);
    let _daemon = Started(Pid::from_raw(pid.trim().parse().unwrap()).unwrap());
    assert!(said.contains("signed in as jane.doe@example.com"), "{said}");
    assert!(said.contains("loginctl enable-linger"), "{said}");
    home.oic_token(&["get"]).succeeded();
}

#[test]
fn a_service_that_would_listen_elsewhere_is_refused_before_anything_changes() {
    let domain = domain(quick_domain());
    let home = Home::new("");
    let mut setup_by = with_systemctl(&home, "touch $HOME/called");
    let elsewhere = home.path("elsewhere").display().to_string();
    let url = domain.url();
    let arguments = setup("prod", &url);
    let said = setup_by
        .args(&arguments[..9])
        .args(["--socket", &elsewhere])
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2));
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let listens = home.socket().display().to_string();
    let expected = format!(
        "oic-token: error: the user service listens at {listens}, not at {elsewhere}; nothing was \
         changed\noic-token: hint: leave out '--socket' and OIC_TOKEND_SOCKET, or give \
         '--no-service' and run 'oic-tokend --socket {elsewhere}' yourself\n"
    );
    assert_eq!(said, expected);
    assert!(!home.path("called").exists() && !home.path(".config").exists());

    let with_socket = [&arguments[..], &["--socket", &elsewhere]].concat();
    let said = home.oic_token(&with_socket);
    let expected = format!(
        "oic-token: now run 'oic-tokend --socket {elsewhere}' in another terminal, or as a service\n\
         oic-token: then sign in: 'oic-token --socket {elsewhere} login prod'\n"
    );
    assert!(said.stderr.ends_with(&expected), "{}", said.stderr);
}

/// A daemon that the script of a service manager has started.
struct Started(Pid);

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = kill_process(self.0, Signal::TERM);
    }
}

#[test]
fn a_service_that_does_not_start_is_said_in_a_line_and_how_to_go_on() {
    let domain = domain(quick_domain());
    let home = Home::new("");
    let refuse = "printf 'Job failed.\\nSee \"journalctl\" for details.\\n' >&2; exit 1";
    let mut setup_by = with_systemctl(&home, refuse);
    let said = setup_by.args(&setup("prod", &domain.url())[..9]).output();
    let said = String::from_utf8_lossy(&said.unwrap().stderr).into_owned();
    let expected = "oic-token: error: 'systemctl --user daemon-reload' failed: Job failed\n\
                    oic-token: hint: 'journalctl --user -u oic-tokend' may say more; once that \
                    is mended, run 'systemctl --user daemon-reload' and 'oic-token login'\n";
    assert!(said.ends_with(expected), "{said}");
}

#[test]
fn what_the_domain_does_not_allow_is_said_and_nothing_is_written() {
    let domain = domain(quick_domain().knob("allow_token_refresh", "false"));
    let home = Home::new("");
    let said = home.oic_token(&setup("prod", &domain.url()));
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(
        said.stderr.contains("'Allow token refresh'"),
        "{}",
        said.stderr
    );
    assert!(!home.path(".config/oic-tokend/config.toml").exists());
}

#[test]
fn a_domain_that_is_none_is_found_before_anything_else_is_asked() {
    let home = Home::new("");
    // Nothing listens at the port that is for discarding.
    let said = home.oic_token(&["setup", "--domain", "http://127.0.0.1:9", "--yes"]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(said.stderr.contains("BAD  connection"), "{}", said.stderr);
}

#[test]
fn who_could_read_the_configuration_still_can() {
    let domain = domain(quick_domain());
    let home = Home::new(&domain.config_toml());
    let readable = fs::Permissions::from_mode(0o640);
    fs::set_permissions(home.config(), readable).unwrap();
    let (config, url) = (home.config().display().to_string(), domain.url());
    let said = home.oic_token(&[&setup("other", &url)[..], &["--config", &config]].concat());
    assert_eq!(said.code, 0, "{}", said.stderr);
    let mode = fs::metadata(home.config()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

/// What `setup` tells a systemd that has the service from `fragment`, and that
/// starts nothing.
fn told(home: &Home, fragment: &str, domain: &Simulator) -> String {
    let script = format!(
        "echo \"$@\" >>$HOME/told\n\
         case \"$*\" in *' show '*) echo '{fragment}' ;; *' enable '*) exit 1 ;; esac"
    );
    let mut setup_by = with_systemctl(home, &script);
    let status = setup_by.args(&setup("prod", &domain.url())[..9]).status();
    assert_eq!(status.unwrap().code(), Some(1), "systemd refuses");
    fs::read_to_string(home.path("told")).unwrap()
}

#[test]
fn a_user_gets_a_service_and_its_socket() {
    let domain = domain(quick_domain());
    let home = Home::new("");
    let told = told(&home, "", &domain);
    let [socket, service] = ["socket", "service"]
        .map(|kind| home.path(&format!(".config/systemd/user/oic-tokend.{kind}")));
    assert!(socket.exists() && service.exists());
    let (socket, service) = (socket.display(), service.display());
    let enabled = format!("--user enable --now {socket} {service}\n");
    assert!(told.ends_with(&enabled), "{told}");
}

#[test]
fn a_packaged_service_is_switched_on_and_not_hidden() {
    let domain = domain(quick_domain());
    let home = Home::new("");
    let packaged = "/usr/lib/systemd/user/oic-tokend.service";
    let told = told(&home, packaged, &domain);
    let enabled = "--user enable --now oic-tokend.socket oic-tokend.service\n";
    assert!(told.ends_with(enabled), "{told}");
    assert!(!home.path(".config/systemd").exists());
}
