//! Words of other programs for what a command here does. They are no commands:
//! a script shall not depend on how it was once guessed.

const MEANT: [(&[&str], &str); 8] = [
    (
        &[
            "token",
            "access-token",
            "print",
            "print-access-token",
            "refresh",
            "renew",
        ],
        "get",
    ),
    (&["auth", "signin", "sign-in", "add"], "login"),
    (&["signout", "sign-out", "revoke", "remove"], "logout"),
    (&["list", "ls", "show", "whoami", "profiles"], "status"),
    (&["init", "configure", "config", "new"], "setup"),
    (&["run", "env", "with"], "exec"),
    (&["check", "diagnose", "debug", "test"], "doctor"),
    (&["claims", "decode", "introspect"], "inspect"),
];

/// The command that does what `word` says elsewhere.
pub fn meant_by(word: &str) -> Option<&'static str> {
    let found = MEANT.iter().find(|(words, _)| words.contains(&word));
    found.map(|(_, command)| *command)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Arguments;

    #[test]
    fn each_word_leads_to_a_command_and_is_none() {
        let commands = Arguments::command();
        for (words, command) in MEANT {
            assert!(commands.find_subcommand(command).is_some(), "{command}");
            assert!(
                words
                    .iter()
                    .all(|word| commands.find_subcommand(word).is_none())
            );
        }
        assert_eq!(meant_by("whoami"), Some("status"));
        assert_eq!(meant_by("frobnicate"), None);
    }
}
