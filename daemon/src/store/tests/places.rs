//! Where sessions are kept.

use std::ffi::OsString;

use super::*;

#[test]
fn sessions_are_kept_at_the_first_place_that_is_set() {
    let set = [
        ("HOME", "/home/jane"),
        ("XDG_STATE_HOME", "/xdg"),
        ("STATE_DIRECTORY", "/var/lib/a:/var/lib/b"),
    ];
    let with = |count: usize, option: Option<&str>| {
        let environment = |name: &str| {
            let found = set[..count].iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        locate(option.map(PathBuf::from), &environment).unwrap()
    };
    assert_eq!(with(3, Some("/told")), Path::new("/told"));
    assert_eq!(with(3, None), Path::new("/var/lib/a"));
    assert_eq!(with(2, None), Path::new("/xdg/oic-tokend"));
    #[cfg(target_os = "linux")]
    assert_eq!(
        with(1, None),
        Path::new("/home/jane/.local/state/oic-tokend")
    );
}

#[test]
fn an_empty_or_relative_variable_counts_as_not_set() {
    let environment = |name: &str| match name {
        "STATE_DIRECTORY" => Some(OsString::new()),
        "XDG_STATE_HOME" => Some(OsString::from("state")),
        "HOME" => Some(OsString::from("/home/jane")),
        _ => None,
    };
    let found = locate(None, &environment).unwrap();
    assert!(found.is_absolute() && found.ends_with("oic-tokend"));
}
