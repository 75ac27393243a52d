//! The docker command, without an engine.

use std::process::Command;

use super::image_registry::{IMAGE, start};
use super::server::{Server, basic};
use super::{User, run};

fn inspect(user: &User, server: &Server) -> Command {
    let mut docker = user.command("docker");
    docker
        .args(["manifest", "inspect", "--insecure"])
        .arg(format!("{}/{IMAGE}", server.host()));
    docker
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn an_image_is_looked_at_with_the_token() {
    let server = start();
    let user = User::with_token_for(&server.url());
    user.install("docker");
    let credential = basic("oauth2", &user.token());
    server.admit(&credential);
    let shown = run(&mut inspect(&user, &server)).succeeded();
    assert!(shown.contains("\"schemaVersion\": 2"), "{shown}");
    assert_eq!(server.brought(), [credential]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_docker_is_refused_and_its_helper_shows_the_command() {
    let server = start();
    let user = User::with_token_for(&server.url());
    user.install("docker");
    user.log_out();
    let outcome = run(&mut inspect(&user, &server));
    assert_ne!(outcome.code, 0);
    let said = outcome.stderr;
    assert!(said.contains("no basic auth credentials"), "{said}");
    let home = &user.signed_in.home;
    let said = home.oic_token_reading(&["helper", "docker", "get"], &server.host());
    let said = said.stdout;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(server.brought().is_empty());
}
