//! curl, which reads the token from a pipe or by way of `oic-token curl`.

use std::process::Stdio;

use super::server::{Server, answer, bearer};
use super::{User, run};

fn server() -> Server {
    Server::start("Bearer realm=\"api\"", |_| answer("text/plain", "welcome"))
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn each_way_to_hand_curl_the_token_works() {
    let server = server();
    let user = User::with_token_for(&server.url());
    server.admit(&bearer(&user.token()));
    for (format, option) in [("header", "-H@-"), ("curl", "-K-")] {
        let mut get = user.command("oic-token");
        let mut get = get
            .args(["get", "--format", format])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut curl = user.command("curl");
        curl.args(["-sS", option, &server.url()])
            .stdin(get.stdout.take().unwrap());
        assert_eq!(run(&mut curl).succeeded(), "welcome", "{option}");
        assert!(get.wait().unwrap().success());
    }
    let mut curl = user.command("oic-token");
    curl.args(["curl", "--", "-sS", &server.url()]);
    assert_eq!(run(&mut curl).succeeded(), "welcome");
    assert_eq!(server.brought(), [bearer(&user.token())]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_nothing_is_sent() {
    let server = server();
    let user = User::with_token_for(&server.url());
    user.log_out();
    let outcome = run(user
        .command("oic-token")
        .args(["curl", "--", "-sS", &server.url()]));
    assert_eq!(outcome.code, 3);
    let said = outcome.stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(server.brought().is_empty());
}
