//! skopeo, which reads docker's configuration by the same library as podman
//! and buildah.

use std::process::Command;

use super::image_registry::{IMAGE, start};
use super::server::{Server, basic};
use super::{User, run};

fn copy(user: &User, server: &Server) -> Command {
    let mut skopeo = user.command("skopeo");
    skopeo
        .args(["--insecure-policy", "copy", "--src-tls-verify=false"])
        .arg(format!("docker://{}/{IMAGE}", server.host()))
        .arg("dir:image");
    skopeo
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn an_image_is_copied_with_the_token() {
    let server = start();
    let user = User::with_token_for(&server.url());
    user.install("docker");
    let credential = basic("oauth2", &user.token());
    server.admit(&credential);
    run(&mut copy(&user, &server)).succeeded();
    assert!(user.path("image/manifest.json").exists());
    assert_eq!(server.brought(), [credential]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_skopeo_says_so() {
    let server = start();
    let user = User::with_token_for(&server.url());
    user.install("docker");
    user.log_out();
    let outcome = run(&mut copy(&user, &server));
    assert_ne!(outcome.code, 0);
    let said = outcome.stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(server.brought().is_empty());
}
