use clap::Parser;

use super::*;

/// How many command lines are made up, always the same ones.
const LINES: u32 = 20_000;

/// Most pieces behind the beginning of one.
const PIECES_MAX: u64 = 5;

/// What they begin with: what the parser knows, and what it does not.
const BEGINNINGS: [&str; 8] = [
    "get",
    "get prod",
    "--socket /s get",
    "--socket=/s get",
    "helper git",
    "--socket /s helper",
    "helper",
    "login",
];

/// What goes on behind that, right and wrong.
const PIECES: [&str; 46] = [
    "--socket /s",
    "--socket=/s",
    "--socket=",
    "--socket",
    "--min-valid 60",
    "--min-valid=0",
    "--min-valid=",
    "--min-valid",
    "--timeout 9",
    "--timeout=9",
    "--timeout -1",
    "--timeout +5",
    "--timeout=007",
    "--timeout 4294967295",
    "--timeout 4294967296",
    "--timeout 1m",
    "--force",
    "--force=true",
    "--format token",
    "--format=json",
    "--format=",
    "--format JSON",
    "--format",
    "prod",
    "a=b",
    "=",
    "",
    "-",
    "--",
    "-h",
    "--help",
    "-V",
    "--version",
    "help",
    "get",
    "list",
    "install",
    "git",
    "docker",
    "keyring",
    "--mode=creds",
    "https://a.b",
    "-f",
    "--forc",
    "--min_valid",
    "ä",
];

fn line(text: &str) -> Vec<OsString> {
    text.split_whitespace().map(OsString::from).collect()
}

/// Whether clap was spared; holds it to the same answer.
#[track_caller]
fn is_plain(words: &[OsString]) -> bool {
    let Some(plain) = parse(words) else {
        return false;
    };
    let all = std::iter::once("oic-token".into()).chain(words.iter().cloned());
    let clap = Arguments::try_parse_from(all);
    let clap = clap.unwrap_or_else(|error| panic!("{words:?}: {plain:?}, but {error}"));
    assert_eq!(format!("{plain:?}"), format!("{clap:?}"), "{words:?}");
    true
}

#[test]
fn what_programs_say_all_day_is_plain() {
    for text in [
        "get",
        "get prod",
        "get prod --min-valid 0 --timeout 1 --force --format curl --socket /s",
        "get --format=json --min-valid=300 --timeout=5 --socket=/s prod",
        "--socket /s get --format token",
        "helper git get",
        "helper docker get",
        "helper kubernetes https://a.b",
        "helper bazel get",
        "helper goauth",
        "helper cargo --cargo-plugin",
        "helper terraform get a.b",
        "helper keyring --mode=creds --output=json get https://a.b",
        "--socket /s helper git get --socket x --help",
    ] {
        assert!(is_plain(&line(text)), "{text}");
    }
}

#[test]
fn help_errors_and_everything_else_are_clap_s() {
    for text in [
        "",
        "get --help",
        "get prod -h",
        "get --force --force",
        "get prod test",
        "get --min-valid 1m",
        "get --timeout",
        "get --format yaml",
        "get -- prod",
        "--socket /a get --socket /b",
        "helper",
        "helper list",
        "helper help",
        "helper install git",
        "helper svn get",
        "login",
        "--version",
    ] {
        assert!(!is_plain(&line(text)), "{text}");
    }
}

#[test]
fn both_parsers_answer_alike_whatever_the_words() {
    let mut state = 0;
    let mut below = |limit: u64| {
        state = mixed(state);
        usize::try_from(state % limit).unwrap()
    };
    let mut plain = 0;
    for _ in 0..LINES {
        let mut line = vec![BEGINNINGS[below(BEGINNINGS.len() as u64)]];
        let more = below(PIECES_MAX + 1);
        line.extend((0..more).map(|_| PIECES[below(PIECES.len() as u64)]));
        let words = line.iter().flat_map(|piece| piece.split(' '));
        let words = Vec::from_iter(words.map(OsString::from));
        plain += u32::from(is_plain(&words));
    }
    // Or it would have compared nothing.
    assert!(plain > LINES / 10, "{plain}");
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_clap_s() {
    use std::os::unix::ffi::OsStringExt;

    let strange = OsString::from_vec(b"\xff".to_vec());
    for words in [
        vec![strange.clone()],
        vec!["get".into(), strange.clone()],
        vec!["--socket".into(), strange.clone(), "get".into()],
        vec!["helper".into(), strange.clone()],
    ] {
        assert!(!is_plain(&words), "{words:?}");
    }
    assert!(is_plain(&["helper".into(), "git".into(), strange]));
}

/// The next number of a sequence that looks like chance: Knuth's multiplier,
/// and the upper half mixed into the lower.
fn mixed(state: u64) -> u64 {
    let next = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    next ^ (next >> 33)
}
