//! What somebody who sets a program up is told.

use crate::failure::Failure;
use crate::terminal;

/// How far a line to copy stands to the right.
const INDENT: &str = "  ";

/// A line of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// A sentence, which a narrow terminal has broken between words.
    Say(String),
    /// A command, or a line of a file. It is left to the terminal, which joins
    /// again what it broke when somebody copies it.
    Copy(String),
}

impl Advice {
    pub(super) fn say(sentence: impl Into<String>) -> Self {
        Self::Say(sentence.into())
    }

    pub(super) fn copy(line: impl Into<String>) -> Self {
        Self::Copy(line.into())
    }

    fn shown(&self, columns: usize) -> String {
        match self {
            Self::Say(sentence) => terminal::folded(sentence, columns),
            Self::Copy(line) => format!("{INDENT}{line}\n"),
        }
    }
}

/// These lines of a file.
pub(super) fn in_file(file: &str, lines: &[String]) -> Vec<Advice> {
    let mut advice = vec![Advice::say(format!("in {file}:"))];
    advice.extend(lines.iter().map(Advice::copy));
    advice
}

/// Prints it.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub(super) fn print(advice: &[Advice]) -> Result<(), Failure> {
    let columns = terminal::width().unwrap_or(usize::MAX);
    let shown = String::from_iter(advice.iter().map(|line| line.shown(columns)));
    terminal::print(&Vec::from_iter(shown.lines()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_broken_and_what_is_copied_is_not() {
        let command = "git config --global credential.https://git.example.com.helper oic";
        assert_eq!(Advice::copy(command).shown(40), format!("  {command}\n"));
        let sentence = Advice::say("in /home/jane/.config/a/very/long/folder/config.toml, say:");
        assert_eq!(
            sentence.shown(40),
            "in\n/home/jane/.config/a/very/long/folder/config.toml,\nsay:\n"
        );
    }
}
