//! Where the programs meet: the first place that is set.

use std::ffi::OsString;
use std::path::PathBuf;

use oic_proto::place;

/// An environment with these variables and no others.
fn of(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
    let variables: Vec<(String, OsString)> = variables
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.into()))
        .collect();
    move |asked| {
        let found = variables.iter().find(|(name, _)| name == asked);
        found.map(|(_, value)| value.clone())
    }
}

#[track_caller]
fn check_daemon(option: Option<&str>, variables: &[(&str, &str)], expected: Option<&str>) {
    let place = place::of_daemon(option.map(PathBuf::from), &of(variables));
    assert_eq!(place, expected.map(PathBuf::from));
}

#[track_caller]
fn check_caller(option: Option<&str>, variables: &[(&str, &str)], expected: &[&str]) {
    let places = place::of_caller(option.map(PathBuf::from), &of(variables), 1000);
    let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
    assert_eq!(places, expected);
}

const OURS: (&str, &str) = ("OIC_TOKEND_SOCKET", "/ours");
const UNIT: (&str, &str) = ("RUNTIME_DIRECTORY", "/run/oic-tokend");
const USER: (&str, &str) = ("XDG_RUNTIME_DIR", "/run/user/1000");

#[test]
fn the_daemon_listens_at_the_first_place_that_is_set() {
    check_daemon(Some("/told"), &[OURS, UNIT, USER], Some("/told"));
    check_daemon(None, &[OURS, UNIT, USER], Some("/ours"));
    check_daemon(None, &[UNIT, USER], Some("/run/oic-tokend/socket"));
    check_daemon(None, &[USER], Some("/run/user/1000/oic-tokend/socket"));
    check_daemon(None, &[], None);
}

#[test]
fn of_several_runtime_directories_the_first_is_the_units_own() {
    let several = ("RUNTIME_DIRECTORY", "/run/first:/run/second");
    check_daemon(None, &[several, USER], Some("/run/first/socket"));
}

#[test]
fn the_daemons_runtime_folder_is_its_units_or_its_users_whatever_the_socket_is() {
    let runtime = |variables| place::runtime_of_daemon(&of(variables));
    assert_eq!(runtime(&[OURS, UNIT, USER]), Some("/run/oic-tokend".into()));
    let of_user = Some("/run/user/1000/oic-tokend".into());
    assert_eq!(runtime(&[OURS, USER]), of_user);
    assert_eq!(runtime(&[OURS]), None);
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let empty = [("OIC_TOKEND_SOCKET", ""), ("RUNTIME_DIRECTORY", ""), USER];
    check_daemon(None, &empty, Some("/run/user/1000/oic-tokend/socket"));
    let all = [("XDG_RUNTIME_DIR", ""), ("OIC_TOKEND_SOCKET", "")];
    check_daemon(None, &all, None);
    check_caller(
        None,
        &all,
        &["/run/user/1000/oic-tokend/socket", "/run/oic-tokend/socket"],
    );
}

#[test]
fn a_caller_that_was_told_a_place_looks_nowhere_else() {
    check_caller(Some("/told"), &[OURS, USER], &["/told"]);
    check_caller(None, &[OURS, USER], &["/ours"]);
}

#[test]
fn a_caller_looks_for_its_own_daemon_before_the_systems() {
    let elsewhere = ("XDG_RUNTIME_DIR", "/home/jane/run");
    check_caller(
        None,
        &[elsewhere],
        &[
            "/home/jane/run/oic-tokend/socket",
            "/run/user/1000/oic-tokend/socket",
            "/run/oic-tokend/socket",
        ],
    );
}

#[test]
fn a_caller_without_a_session_finds_its_users_daemon_by_uid() {
    check_caller(
        None,
        &[],
        &["/run/user/1000/oic-tokend/socket", "/run/oic-tokend/socket"],
    );
}

#[test]
fn no_place_is_looked_at_twice() {
    check_caller(
        None,
        &[USER],
        &["/run/user/1000/oic-tokend/socket", "/run/oic-tokend/socket"],
    );
}

#[test]
fn a_caller_finds_a_daemon_that_was_started_in_the_same_environment() {
    for variables in [&[OURS, USER][..], &[USER], &[OURS]] {
        let environment = of(variables);
        let listens = place::of_daemon(None, &environment).expect("a place");
        let looks = place::of_caller(None, &environment, 1000);
        assert_eq!(looks.first(), Some(&listens));
    }
    let unit = of(&[UNIT]);
    let listens = place::of_daemon(None, &unit).expect("a place");
    assert!(place::of_caller(None, &of(&[]), 1000).contains(&listens));
}

#[test]
fn the_callers_own_runtime_directory_does_not_mislead_it() {
    check_caller(
        None,
        &[UNIT],
        &["/run/user/1000/oic-tokend/socket", "/run/oic-tokend/socket"],
    );
}

#[test]
fn the_pipe_is_named_after_the_user_unless_somebody_names_one() {
    let pipe = |option: Option<&str>, variables| {
        let option = option.map(PathBuf::from);
        place::of_pipe(option, &of(variables), "S-1-5-21-1")
    };
    let own = PathBuf::from(r"\\.\pipe\oic-tokend-S-1-5-21-1");
    assert_eq!(pipe(None, &[USER, UNIT]), own);
    assert_eq!(pipe(None, &[OURS, USER]), PathBuf::from("/ours"));
    assert_eq!(pipe(Some("/told"), &[OURS]), PathBuf::from("/told"));
}

#[test]
fn no_place_is_under_tmp() {
    let places = place::of_caller(None, &of(&[USER]), 1000);
    assert!(places.iter().all(|place| !place.starts_with("/tmp")));
}
