use super::*;

fn with(lines: &str) -> String {
    format!("[forward]\n{lines}\n{DOMAIN}")
}

#[test]
fn there_is_no_second_socket_unless_it_is_asked_for() {
    assert_eq!(config(DOMAIN).forward, None);
    let text = with("socket = \"/run/f/socket\"\nprofiles = [\"prod\"]\nallow.users = [\"4711\"]");
    let forward = config(&text).forward.unwrap();
    assert_eq!(forward.socket, Path::new("/run/f/socket"));
    assert_eq!(forward.profiles, ["prod"]);
    assert_eq!(Vec::from_iter(forward.allow.users), [4711]);
    assert!(!config(&text).serves_others(), "it has a list of its own");
}

#[test]
fn a_second_socket_has_a_place_and_profiles_that_exist() {
    for (lines, expected) in [
        (
            "profiles = [\"prod\"]",
            "1: forward.socket: missing; expected the absolute path of a socket",
        ),
        (
            "socket = \"socket\"",
            "2: forward.socket: expected the absolute path of a socket",
        ),
        (
            "socket = \"/s\"",
            "1: forward.profiles: missing; expected an array of at least one profile",
        ),
        (
            "socket = \"/s\"\nprofiles = []",
            "3: forward.profiles: expected an array of at least one profile",
        ),
        (
            "socket = \"/s\"\nprofiles = [\"prdo\"]",
            "3: forward.profiles[0]: there is no profile \"prdo\"\nhint: did you mean 'prod'?",
        ),
    ] {
        check(&refusal(&with(lines)), expected);
    }
}
