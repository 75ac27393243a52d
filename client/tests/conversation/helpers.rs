//! `helper`: each protocol as its program speaks it, by the name that the
//! program uses.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use oic_proto::message::{MappedToken, MappingView, Refusal};
use oic_proto::secret::AccessToken;
use oic_proto::{Request, Response};

use crate::example;
use crate::fake_daemon::{FakeDaemon, Folder, Outcome, finish};

const URL: &str = "https://git.example.com/team/a.git";
const GIT: &str =
    "capability[]=authtype\nprotocol=https\nhost=git.example.com\npath=team/a.git\n\n";
const BAZEL: &str = r#"{"uri":"https://git.example.com/team/a.git"}"#;
const CARGO: &str = "{\"v\":1,\"registry\":{\"index-url\":\
                     \"sparse+https://git.example.com/team/a.git\"},\"kind\":\"get\",\
                     \"operation\":\"read\",\"args\":[]}\n";

/// Every helper with what its program says to it to get a token for [`URL`].
const PROGRAMS: [(&str, &[&str], &str); 8] = [
    ("git", &["get"], GIT),
    ("docker", &["get"], URL),
    ("kubernetes", &[URL], ""),
    ("bazel", &["get"], BAZEL),
    ("goauth", &[URL], ""),
    ("cargo", &["--cargo-plugin"], CARGO),
    ("terraform", &["get", URL], ""),
    ("keyring", &["get", URL, "jane"], ""),
];

fn mapped() -> Response {
    let Response::Token(token) = example::token("abc.def") else {
        panic!("a token is a token");
    };
    Response::MappedToken(MappedToken {
        token,
        username: "oauth2".to_owned(),
    })
}

fn asked() -> Request {
    Request::GetTokenFor {
        url: URL.to_owned(),
        realms: Vec::new(),
        min_validity: Duration::from_secs(60),
        patience: Duration::from_secs(30),
    }
}

fn not_mapped() -> Response {
    Response::Refused(Refusal::NotMapped {
        url: URL.to_owned(),
    })
}

fn run(mut command: Command, input: &str) -> Outcome {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A helper that has heard enough hangs up; its outcome says the rest.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    finish(child)
}

fn helper(folder: &Folder, name: &str, words: &[&str], input: &str) -> Outcome {
    let words = [&["helper", name], words].concat();
    run(folder.oic_token(&words), input)
}

#[test]
fn each_program_gets_the_token_in_its_own_words() {
    let said = [
        "capability[]=authtype\nauthtype=Bearer\ncredential=abc.def\nephemeral=1\n\
         password_expiry_utc=1000000000\n",
        "{\"Secret\":\"abc.def\",\"ServerURL\":\"https://git.example.com/team/a.git\",\
         \"Username\":\"oauth2\"}\n",
        "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
         \"status\":{\"expirationTimestamp\":\"2001-09-09T01:46:10Z\",\"token\":\"abc.def\"}}\n",
        "{\"expires\":\"2001-09-09T01:46:10Z\",\"headers\":{\"Authorization\":\
         [\"Bearer abc.def\"]}}\n",
        "https://git.example.com/team/a.git\n\nAuthorization: Bearer abc.def\n\n",
        "{\"v\":[1]}\n{\"Ok\":{\"cache\":\"expires\",\"expiration\":999999970,\"kind\":\"get\",\
         \"operation_independent\":true,\"token\":\"Bearer abc.def\"}}\n",
        "{\"token\":\"abc.def\"}\n",
        "abc.def\n",
    ];
    let daemon = FakeDaemon::answering(vec![mapped()]);
    for ((name, words, input), said) in PROGRAMS.iter().zip(said) {
        let outcome = helper(&daemon.folder, name, words, input);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(outcome.stdout, said, "{name}");
        assert_eq!(daemon.request(), asked(), "{name}");
    }
}

#[test]
fn by_its_own_name_a_program_gets_the_same() {
    let daemon = FakeDaemon::answering(vec![mapped()]);
    for (name, program) in [
        ("git", "git-credential-oic"),
        ("docker", "docker-credential-oic"),
        ("bazel", "bazel-credential-oic"),
        ("cargo", "cargo-credential-oic"),
        ("terraform", "terraform-credentials-oic"),
        ("keyring", "keyring"),
    ] {
        let (_, words, input) = PROGRAMS.iter().find(|it| it.0 == name).unwrap();
        let mut command = daemon.folder.oic_token(words);
        command.arg0(format!("/usr/bin/{program}"));
        let linked = run(command, input);
        assert_eq!(linked.code, 0, "{linked:?}");
        let helper = helper(&daemon.folder, name, words, input);
        assert_eq!(linked.stdout, helper.stdout);
    }
}

#[test]
fn a_host_of_nobody_s_gets_no_credential_in_each_program_s_own_words() {
    let hint = "oic-token: error: no [[helper]] entry covers https://git.example.com/team/a.git; \
                add one to oic-tokend's config.toml: [[helper]] with 'url' and 'profile'\n";
    let said = [
        ("", "", 0),
        ("credentials not found in native keychain\n", "", 1),
        ("", hint, 7),
        ("", hint, 7),
        ("", "", 0),
        (
            "{\"v\":[1]}\n{\"Err\":{\"kind\":\"url-not-supported\"}}\n",
            "",
            0,
        ),
        ("{}\n", "", 0),
        ("", "", 1),
    ];
    let daemon = FakeDaemon::answering(vec![not_mapped()]);
    for ((name, words, input), (stdout, stderr, code)) in PROGRAMS.iter().zip(said) {
        let outcome = helper(&daemon.folder, name, words, input);
        assert_eq!(outcome.stdout, stdout, "{name}");
        assert_eq!(
            (outcome.stderr.as_str(), outcome.code),
            (stderr, code),
            "{name}"
        );
    }
}

/// What each program hears where there is no token: on stdout, on stderr, and
/// the exit code, if the daemon's own would be `code`.
fn check_failure(daemon: &Folder, code: i32, ours: bool, line: &str) {
    let quit = if ours { "quit=1\n" } else { "" };
    let json = serde_json::json!({"Err": {"kind": "other", "message": line, "caused-by": []}});
    let line = format!("oic-token: {line}\n");
    let said = [
        (quit.to_owned(), line.as_str(), code),
        (line.clone(), "", code),
        (String::new(), line.as_str(), code),
        (String::new(), line.as_str(), code),
        (String::new(), line.as_str(), code),
        (format!("{{\"v\":[1]}}\n{json}\n"), "", 0),
        (String::new(), line.as_str(), code),
        (String::new(), line.as_str(), code),
    ];
    for ((name, words, input), (stdout, stderr, code)) in PROGRAMS.iter().zip(said) {
        let outcome = helper(daemon, name, words, input);
        assert_eq!(outcome.stdout, stdout, "{name}");
        assert_eq!(
            (outcome.stderr.as_str(), outcome.code),
            (stderr, code),
            "{name}"
        );
    }
}

#[test]
fn without_a_login_each_program_hears_the_command_that_repairs_it() {
    let refusal = Refusal::LoginRequired {
        profile: "prod".to_owned(),
        why: "nobody has signed in yet".to_owned(),
    };
    let daemon = FakeDaemon::answering(vec![Response::Refused(refusal)]);
    let line = "error: profile 'prod' needs a login: nobody has signed in yet; \
                run 'oic-token login prod'";
    check_failure(&daemon.folder, 3, true, line);
}

#[test]
fn without_a_daemon_each_program_hears_how_to_start_it() {
    let folder = Folder::new();
    let line = format!(
        "error: no daemon listens at {}; start the oic-tokend that is to listen there, or \
         leave out '--socket' and OIC_TOKEND_SOCKET",
        folder.socket().display()
    );
    check_failure(&folder, 4, false, &line);
}

#[test]
fn in_an_outage_each_program_is_told_to_try_later() {
    let refusal = Refusal::TryLater {
        profile: "prod".to_owned(),
        retry_in: Some(Duration::from_secs(20)),
        why: "the authorization server cannot be reached".to_owned(),
    };
    let daemon = FakeDaemon::answering(vec![Response::Refused(refusal)]);
    let line = "error: no valid access token for profile 'prod' now: the authorization server \
                cannot be reached; try again later; the daemon itself does so in 20 s";
    check_failure(&daemon.folder, 5, true, line);
}

#[test]
fn a_profile_that_is_gone_is_named() {
    let refusal = Refusal::UnknownProfile {
        profile: "prod".to_owned(),
        known: vec!["test".to_owned()],
    };
    let daemon = FakeDaemon::answering(vec![Response::Refused(refusal)]);
    let line = "error: there is no profile 'prod'; known profiles: test; a configuration that was \
                changed is read at a reload";
    check_failure(&daemon.folder, 7, true, line);
}

#[test]
fn a_token_that_would_add_a_line_is_given_to_no_program() {
    let Response::MappedToken(mut evil) = mapped() else {
        panic!("a token is a token");
    };
    evil.token.access_token = AccessToken::new("a\nhost=evil.com".to_owned());
    let daemon = FakeDaemon::answering(vec![Response::MappedToken(evil)]);
    for (name, words, input) in PROGRAMS {
        let outcome = helper(&daemon.folder, name, words, input);
        assert!(!outcome.stdout.contains("host=evil.com"), "{name}");
    }
}

#[test]
fn what_git_erases_is_reported_by_its_fingerprint() {
    let daemon = FakeDaemon::answering(vec![Response::End]);
    let input = GIT.replace("\n\n", "\nauthtype=Bearer\ncredential=abc.def\n\n");
    let erase = helper(&daemon.folder, "git", &["erase"], &input);
    assert_eq!(
        (erase.code, erase.stdout.as_str(), erase.stderr.as_str()),
        (0, "", "")
    );
    let reported = Request::RejectTokenFor {
        url: URL.to_owned(),
        fingerprint: AccessToken::new("abc.def".to_owned()).fingerprint(),
    };
    assert_eq!(daemon.request(), reported);
}

#[test]
fn git_s_challenge_reaches_the_daemon() {
    let daemon = FakeDaemon::answering(vec![mapped()]);
    let input = GIT.replace("\n\n", "\nwwwauth[]=Bearer realm=\"staff\"\n\n");
    helper(&daemon.folder, "git", &["get"], &input);
    let Request::GetTokenFor { realms, .. } = daemon.request() else {
        panic!("a token is asked for");
    };
    assert_eq!(realms, ["staff"]);
}

#[test]
fn kubectl_says_its_cluster_in_the_environment() {
    let daemon = FakeDaemon::answering(vec![mapped()]);
    let mut command = daemon.folder.oic_token(&["helper", "kubernetes"]);
    let info = format!(
        r#"{{"apiVersion":"client.authentication.k8s.io/v1beta1","spec":{{"cluster":{{"server":"{URL}"}}}}}}"#
    );
    command.env("KUBERNETES_EXEC_INFO", info);
    let outcome = run(command, "");
    assert!(outcome.stdout.contains("io/v1beta1"), "{outcome:?}");
    assert_eq!(daemon.request(), asked());
}

#[test]
fn docker_lists_what_there_is_and_go_gets_it_all() {
    let entry = |url: &str, profile: &str| {
        Response::Mapping(MappingView {
            url: url.to_owned(),
            realm: None,
            profile: profile.to_owned(),
            username: "oauth2".to_owned(),
        })
    };
    let entries = || {
        vec![
            entry("https://git.example.com/team", "prod"),
            entry("https://other.example.com", "test"),
            entry("https://git.example.com/more", "prod"),
            entry("https://more.example.com", "test"),
            Response::End,
        ]
    };
    let daemon = FakeDaemon::answering(entries());
    let list = helper(&daemon.folder, "docker", &["list"], "");
    let first = "{\"https://git.example.com/more\":\"oauth2\",";
    assert!(list.stdout.starts_with(first), "{list:?}");

    let over = Response::Refused(Refusal::LoginRequired {
        profile: "test".to_owned(),
        why: "nobody has signed in yet".to_owned(),
    });
    let turns = vec![entries(), vec![example::token("abc.def")], vec![over]];
    let daemon = FakeDaemon::answering_in_turn(turns);
    let all = helper(&daemon.folder, "goauth", &[], "");
    let header = "Authorization: Bearer abc.def\n\n";
    let blocks =
        format!("https://git.example.com/team\n\n{header}https://git.example.com/more\n\n{header}");
    assert_eq!((all.code, all.stdout), (0, blocks));
    let line = "oic-token: error: profile 'test' needs a login: nobody has signed in yet; \
                run 'oic-token login test'\n";
    assert_eq!(all.stderr, line);
}

#[test]
fn a_url_that_fits_no_request_is_nobody_s() {
    let folder = Folder::new();
    let long = format!("https://git.example.com/{}", "a/".repeat(4000));
    let get = helper(&folder, "docker", &["get"], &long);
    assert_eq!(get.stdout, "credentials not found in native keychain\n");
}

#[test]
fn a_helper_that_there_is_none_of_is_named() {
    let folder = Folder::new();
    let outcome = helper(&folder, "svn", &["get"], "");
    outcome.failed(
        2,
        "there is no credential helper 'svn'",
        "oic-token helper list",
    );
}
