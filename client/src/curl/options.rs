//! Which options curl has, and which of them take an argument.

/// One option a line: its letter or `-`, its name, and `=` where it takes an
/// argument. A name that begins with `no-` is listed without that.
const OPTIONS: &str = include_str!("options.txt");

/// An option of curl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurlOption {
    /// Its name, without dashes.
    pub name: &'static str,
    /// Whether the next word, or the rest of this one, belongs to it.
    pub takes_argument: bool,
    letter: char,
}

/// The option of this name. curl also takes the beginning of a name, where
/// only one option has it; that depends on its version, and is not known here.
pub fn by_name(name: &str) -> Option<CurlOption> {
    let named = |name: &str| all().find(|option| option.name == name);
    named(name).or_else(|| named(name.strip_prefix("no-")?).filter(|it| !it.takes_argument))
}

/// The option of this letter.
pub fn by_letter(letter: char) -> Option<CurlOption> {
    all().find(|option| letter != '-' && option.letter == letter)
}

fn all() -> impl Iterator<Item = CurlOption> {
    OPTIONS.lines().filter_map(|line| {
        let (letter, name) = line.split_once(' ')?;
        let bare = name.trim_end_matches('=');
        Some(CurlOption {
            name: bare,
            takes_argument: bare != name,
            letter: letter.chars().next()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn options_are_found_by_name_letter_and_negation() {
        let output = by_name("output").unwrap();
        assert!(output.takes_argument && by_letter('o') == Some(output));
        assert_eq!(by_name("no-buffer"), by_letter('N'));
        assert_eq!(by_name("no-output"), None);
        assert_eq!(by_letter('-'), None);
        assert_eq!(by_name("outp"), None);
    }

    /// The table against the curl of this machine, which may be older or
    /// newer: what both know, both know alike.
    #[test]
    fn the_curl_that_is_installed_agrees() {
        let Ok(output) = Command::new("curl").args(["--help", "all"]).output() else {
            return;
        };
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut agreed = 0;
        for line in help.lines() {
            let words = Vec::from_iter(line.split_whitespace());
            let Some(at) = words.iter().take(2).position(|word| word.starts_with("--")) else {
                continue;
            };
            let takes = words
                .get(at + 1)
                .is_some_and(|word| word.starts_with(['<', '[']));
            if let Some(option) = by_name(&words[at][2..]) {
                assert_eq!(option.takes_argument, takes, "{line}");
                agreed += 1;
            }
        }
        assert!(agreed > 100, "{help}");
    }
}
