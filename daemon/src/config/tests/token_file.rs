//! `[profile.NAME.file]`.

use super::*;

fn with(lines: &str) -> String {
    format!("{DOMAIN}\n[profile.prod.file]\n{lines}\n")
}

#[test]
fn a_token_file_is_its_owners_alone_unless_a_group_is_named() {
    let file = |lines: &str| config(&with(lines)).profiles.remove(0).file.unwrap();
    assert_eq!(config(DOMAIN).profiles[0].file, None);
    let plain = file("path = \"/run/app/token\"");
    assert_eq!(plain.path, Path::new("/run/app/token"));
    assert_eq!((plain.mode, plain.group), (0o600, None));
    let shared = file("path = \"/run/app/token\"\ngroup = \"77\"");
    assert_eq!((shared.mode, shared.group), (0o640, Some(77)));
    let root = file("path = \"/run/app/token\"\ngroup = \"root\"\nmode = \"0440\"");
    assert_eq!((root.mode, root.group), (0o440, Some(0)));
}

#[test]
fn what_would_show_a_token_around_is_refused() {
    check(
        &refusal(&with("mode = \"0600\"")),
        "7: profile.prod.file.path: missing; expected the absolute path of a file",
    );
    for path in ["token", "~/token", "/run/app/", "${XDG_RUNTIME_DIR}/token"] {
        check(
            &refusal(&with(&format!("path = \"{path}\""))),
            "8: profile.prod.file.path: expected the absolute path of a file",
        );
    }
    for mode in ["0644", "0660", "0750", "0040", "rw", "4600", ""] {
        check(
            &refusal(&with(&format!("path = \"/a\"\nmode = \"{mode}\""))),
            &format!(
                "9: profile.prod.file.mode: expected \"0400\", \"0440\", \"0600\" or \"0640\", \
                 found \"{mode}\""
            ),
        );
    }
    check(
        &refusal(&with("path = \"/a\"\ngroup = \"no such group\"")),
        "9: profile.prod.file.group: /etc/group has no group \"no such group\"\nhint: write its \
         number, if it comes from a directory service",
    );
}
