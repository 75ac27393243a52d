//! An older pip, which asks for the password of the user in the URL.

use super::server::basic;
use super::{User, run, simple_index};

#[test]
#[ignore = "drives a real program: tests/run"]
fn a_package_is_installed_with_the_token_of_the_user_in_the_url() {
    let server = simple_index::start();
    let user = User::with_token_for(&server.url());
    user.install("keyring");
    let credential = basic("jane", &user.token());
    server.admit(&credential);
    let index = format!("http://jane@{}/simple", server.host());
    let mut pip = user.command("old_pip");
    pip.args(["install", "--no-input", "--disable-pip-version-check"])
        .args(["--keyring-provider", "subprocess", "--target", "packages"])
        .args(["--index-url", &index, "team-package"]);
    run(&mut pip).succeeded();
    assert!(user.path("packages/team_package.py").exists());
    assert!(server.brought().contains(&credential));
}
