//! git 2.46 and later, which can send bearer tokens.

use std::process::Command;

use super::repository::{Repository, commit};
use super::server::bearer;
use super::{User, run};

const CHALLENGE: &str = "Bearer realm=\"team\"";

/// A git that fails where it would ask its user.
pub fn unattended(user: &User, program: &str) -> Command {
    let mut git = user.command(program);
    git.env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "false");
    git
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn clone_and_push_send_the_token() {
    let repository = Repository::serve(CHALLENGE);
    let user = User::with_token_for(&format!("{}/team/*", repository.server.url()));
    user.install("git");
    repository.server.admit(&bearer(&user.token()));

    let clone = ["clone", "-q", &repository.url(), "project"];
    let outcome = run(unattended(&user, "git").args(clone));
    assert_eq!(outcome.stderr, "");
    outcome.succeeded();
    commit(&user.signed_in.home, "project", "from jane");
    let push = ["-C", "project", "push", "-q"];
    let outcome = run(unattended(&user, "git").args(push));
    assert_eq!(outcome.stderr, "");
    outcome.succeeded();
    assert_eq!(repository.newest(), "from jane");
    assert_eq!(repository.server.brought(), [bearer(&user.token())]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn a_token_that_was_refused_is_renewed_for_the_next_command() {
    let repository = Repository::serve(CHALLENGE);
    let user = User::with_token_for(&repository.server.url());
    user.install("git");
    let refused = user.token();
    let list = ["ls-remote", &repository.url(), "main"];
    let outcome = run(unattended(&user, "git").args(list));
    assert_ne!(outcome.code, 0);
    assert!(
        outcome.stderr.contains("Authentication failed"),
        "{outcome:?}"
    );

    let renewed = user.token();
    assert_ne!(renewed, refused);
    repository.server.admit(&bearer(&renewed));
    let listed = run(unattended(&user, "git").args(list)).succeeded();
    assert!(listed.ends_with("refs/heads/main"), "{listed}");
    let brought = [bearer(&refused), bearer(&renewed)];
    assert_eq!(repository.server.brought(), brought);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_git_says_so_and_does_not_prompt() {
    let repository = Repository::serve(CHALLENGE);
    let user = User::with_token_for(&repository.server.url());
    user.install("git");
    user.log_out();
    let list = ["ls-remote", &repository.url()];
    let outcome = run(unattended(&user, "git").args(list));
    assert_ne!(outcome.code, 0);
    let said = Vec::from_iter(outcome.stderr.lines());
    let [reason, end] = said[..] else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("run 'oic-token login sim'"), "{reason}");
    assert_eq!(end, "fatal: credential helper 'oic' told us to quit");
    assert!(repository.server.brought().is_empty());
}
