use clap::CommandFactory;

use super::*;

fn parse(line: &str) -> Result<Command, clap::Error> {
    let words = std::iter::once("oic-token").chain(line.split_whitespace());
    Arguments::try_parse_from(words).map(|arguments| arguments.command)
}

#[test]
fn the_command_line_contradicts_itself_nowhere() {
    Arguments::command().debug_assert();
}

#[test]
fn what_the_contract_promises_is_understood() {
    for line in [
        "get",
        "get prod --min-valid 0 --timeout 1 --force --format curl --socket /s",
        "--socket /s get --format token",
        "get --format header",
        "get --format json",
        "get --format env",
        "login",
        "login prod --no-browser --no-qr --timeout 60 --json",
        "login prod --change-user",
        "login --all --no-browser --timeout 60",
        "logout prod",
        "logout --all",
        "reject",
        "reject prod",
        "unlock",
        "unlock --change",
        "status prod --json --check",
        "status --watch",
        "metrics",
        "completions zsh",
        "inspect prod --json",
        "curl prod -- -s https://example.com --socket x",
        "curl -- https://example.com",
        "exec prod -- env",
        "exec -- sh -c true --help",
        "helper git get",
        "helper list",
        "helper install git --dir /d --write",
        "helper uninstall git --dir /d --write",
        "--socket /s helper git get",
        "helper keyring --mode=creds --output=json get https://a.b",
        "setup",
        "setup test --domain https://d --client-id c --scope a --scope b --yes --no-login",
        "doctor prod --url https://example.com --json",
    ] {
        assert!(parse(line).is_ok(), "{line}");
    }
}

#[test]
fn wrong_usage_is_refused_with_two() {
    for line in [
        "",
        "gte",
        "get --no-such-option",
        "get --min-valid -1",
        "get --min-valid 1m",
        "get --timeout",
        "get --format yaml",
        "get prod test",
        "logout prod --all",
        "unlock prod",
        "login prod --all",
        "status --watch --json",
        "curl https://example.com",
        "exec prod --",
        "helper",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn unless_told_otherwise_get_wants_a_minute_and_waits_for_half_of_one() {
    let Command::Get(get) = parse("get").unwrap() else {
        panic!("get is get");
    };
    assert_eq!(get.freshness.min_validity(), Duration::from_secs(60));
    assert_eq!(get.freshness.patience(), Duration::from_secs(30));
    assert_eq!((get.profile, get.force), (None, false));
    assert_eq!(get.format, Format::Token);
}
