//! git before 2.46, which knows user names and passwords alone.

use super::git::unattended;
use super::repository::{Repository, commit};
use super::server::basic;
use super::{User, run};

const CHALLENGE: &str = "Basic realm=\"team\"";

#[test]
#[ignore = "drives a real program: tests/run"]
fn clone_and_push_send_the_token_as_a_password() {
    let repository = Repository::serve(CHALLENGE);
    let user = User::with_token_for(&format!("{}/team/*", repository.server.url()));
    user.install("git");
    let credential = basic("oauth2", &user.token());
    repository.server.admit(&credential);

    let clone = ["clone", "-q", &repository.url(), "project"];
    run(unattended(&user, "old_git").args(clone)).succeeded();
    commit(&user.signed_in.home, "project", "from jane");
    let push = ["-C", "project", "push", "-q"];
    run(unattended(&user, "old_git").args(push)).succeeded();
    assert_eq!(repository.newest(), "from jane");
    assert_eq!(repository.server.brought(), [credential]);
}
