//! pip, with the helper in the place of `keyring`.

use std::process::Command;

use super::server::{Server, basic};
use super::{User, run, simple_index};

fn install(user: &User, server: &Server) -> Command {
    let mut pip = user.command("pip");
    pip.args(["install", "--no-input", "--disable-pip-version-check"])
        .args(["--keyring-provider", "subprocess", "--target", "packages"])
        .args(["--index-url", &format!("{}/simple", server.url())])
        .arg("team-package");
    pip
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn a_package_is_installed_with_the_token() {
    let server = simple_index::start();
    let user = User::with_token_for(&server.url());
    user.install("keyring");
    let credential = basic("oauth2", &user.token());
    server.admit(&credential);
    run(&mut install(&user, &server)).succeeded();
    assert!(user.path("packages/team_package.py").exists());
    assert_eq!(server.brought(), [credential]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_pip_is_refused_and_keyring_shows_the_command() {
    let server = simple_index::start();
    let user = User::with_token_for(&server.url());
    user.install("keyring");
    user.log_out();
    let outcome = run(&mut install(&user, &server));
    assert_ne!(outcome.code, 0);
    let index = server.url() + "/simple";
    let said = run(user.command("keyring").args(["get", &index])).stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(server.brought().is_empty());
}
