//! uv, with the helper in the place of `keyring`.

use std::process::Command;

use super::server::{Server, basic};
use super::{User, clients, run, simple_index};

/// uv asks only where the URL of the index has a user name.
fn install(user: &User, server: &Server) -> Command {
    let index = format!("http://oauth2@{}/simple", server.host());
    let mut uv = user.command("uv");
    uv.args(["pip", "install", "--no-config", "--target", "packages"])
        .args(["--keyring-provider", "subprocess", "--index-url", &index])
        .arg("--python")
        .arg(clients().join("python3"))
        .arg("team-package")
        .env("UV_PYTHON_DOWNLOADS", "never");
    uv
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
    assert!(server.brought().contains(&credential));
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_uv_shows_the_command() {
    let server = simple_index::start();
    let user = User::with_token_for(&server.url());
    user.install("keyring");
    user.log_out();
    let outcome = run(&mut install(&user, &server));
    assert_ne!(outcome.code, 0);
    let said = outcome.stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
}
