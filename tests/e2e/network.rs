//! The way to the domain: TLS with a certificate of one's own, and a proxy.

use oic_tests::harness::{Daemon, Home, tls::Front};
use oic_tests::simulator::{JANE, Simulator};

use crate::signed_in::quick_domain;

fn domain() -> Simulator {
    Simulator::start(quick_domain().knob("auto_approve", JANE))
}

/// A configuration that reaches the domain at `address`, by https.
fn config(domain: &Simulator, address: &str, ca_file: Option<&str>) -> String {
    let secure = format!("https://{address}");
    let profile = domain.config_toml().replace(&domain.url(), &secure);
    match ca_file {
        Some(path) => format!("ca_file = \"{path}\"\n{profile}"),
        None => profile,
    }
}

#[test]
fn a_certificate_authority_from_the_configuration_is_trusted() {
    let domain = domain();
    let (front, certificate) = Front::tls(&domain.url());
    let home = Home::new("");
    std::fs::write(home.path("ca.pem"), certificate).unwrap();
    let ca_file = home.path("ca.pem").display().to_string();
    home.configure(&config(&domain, &front.address(), Some(&ca_file)));
    let _daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    home.oic_token(&["get"]).succeeded();
}

#[test]
fn an_unknown_certificate_authority_is_named_and_nothing_is_sent() {
    let domain = domain();
    let (front, _) = Front::tls(&domain.url());
    let home = Home::new(&config(&domain, &front.address(), None));
    let _daemon = Daemon::start(&home);
    let login = home.oic_token(&["login", "--no-browser"]);
    assert_eq!(login.code, 5, "{}", login.stderr);
    assert!(login.stderr.contains("certificate"), "{}", login.stderr);
    assert_eq!(domain.log().len(), 0);
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let domain = domain();
    let (front, certificate) = Front::tls(&domain.url());
    let proxy = Front::proxy(&format!("https://{}", front.address()));
    let home = Home::new("");
    std::fs::write(home.path("ca.pem"), certificate).unwrap();
    let ca_file = home.path("ca.pem").display().to_string();
    home.configure(&config(&domain, &front.address(), Some(&ca_file)));
    let by_proxy = format!("http://{}", proxy.address());
    let _daemon = Daemon::start_with(&home, &[("HTTPS_PROXY", &by_proxy)]);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    assert!(proxy.passed() > 0);
}
