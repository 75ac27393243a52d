//! What goes where, and the only functions that print.
//!
//! Stdout is for the result. Everything else goes to stderr, each line with
//! the program's name in front. Text from the daemon, and so from a server,
//! may hold anything: whatever could move the cursor, hide or reorder text is
//! replaced here, on the way out, for every line alike.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use oic_proto::Secret;

use crate::failure::{Exit, Failure};

const PREFIX: &str = "oic-token: ";

/// To the start of the line, and erase it.
const LINE_ANEW: &str = "\r\x1b[K";

/// To the top left, and erase everything below.
const SCREEN_ANEW: &str = "\x1b[H\x1b[J";

const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// Prints these lines of the result.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn print<L: AsRef<str>>(lines: &[L]) -> Result<(), Failure> {
    write_stdout(joined(lines).as_bytes())
}

/// Prints these lines of the result in place of what the terminal shows.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn reprint<L: AsRef<str>>(lines: &[L]) -> Result<(), Failure> {
    write_stdout(format!("{SCREEN_ANEW}{}", joined(lines)).as_bytes())
}

/// Prints a result that holds an access token, as it is: the caller has
/// checked the token.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn print_secret(line: &Secret<String>) -> Result<(), Failure> {
    write_stdout(line.expose().as_bytes())
}

/// Whether a result printed now would be seen on a terminal that can redraw.
pub fn is_stdout_interactive() -> bool {
    io::stdout().is_terminal() && is_capable()
}

/// How many columns the terminal has on which a result printed now would be
/// seen, if it is one and says so.
#[cfg(unix)]
pub fn width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|&columns| columns > 0)
}

/// Likewise; elsewhere long lines are left to the terminal.
#[cfg(not(unix))]
pub fn width() -> Option<usize> {
    None
}

/// Says a line on stderr.
pub fn say(line: &str) {
    write_stderr(format!("{PREFIX}{}", clean(line)).trim_end(), "\n");
}

/// Says a line on stderr, and more visibly so on a terminal.
pub fn say_loudly(line: &str) {
    if is_stderr_interactive() {
        write_stderr(&format!("{PREFIX}{BOLD}{}{PLAIN}", clean(line)), "\n");
    } else {
        say(line);
    }
}

/// Says a line on stderr that [`retract`] or the next one replaces; only for
/// a terminal.
pub fn say_for_now(line: &str) {
    write_stderr(&format!("{LINE_ANEW}{PREFIX}{}", clean(line)), "");
}

/// Takes back what was said for now.
pub fn retract() {
    write_stderr(LINE_ANEW, "");
}

/// Whether what is said now would be seen on a terminal that can redraw.
pub fn is_stderr_interactive() -> bool {
    io::stderr().is_terminal() && is_capable()
}

/// Says why the command line was not understood, or prints the help or the
/// version that it asked for.
pub fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match write_stdout(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report().into(),
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            write_stderr(&text, "");
            Exit::Usage.into()
        }
        _ => {
            for line in text.lines().filter(|line| !line.is_empty()) {
                say(line.trim_end());
            }
            Exit::Usage.into()
        }
    }
}

/// Whether this character could make a terminal show something else than what
/// is there: control characters, and those that reorder or hide text.
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn clean(line: &str) -> Cow<'_, str> {
    if line.contains(is_harmful) {
        Cow::Owned(line.replace(is_harmful, "\u{fffd}"))
    } else {
        Cow::Borrowed(line)
    }
}

fn joined<L: AsRef<str>>(lines: &[L]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&clean(line.as_ref()));
        text.push('\n');
    }
    text
}

fn is_capable() -> bool {
    std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

fn write_stdout(text: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::Output(error),
    })
}

/// In one write, so that lines of several programs do not mix.
fn write_stderr(line: &str, end: &str) {
    // Where stderr is closed or full there is nobody left to tell.
    let _ = io::stderr().write_all(format!("{line}{end}").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_move_the_cursor_or_reorder_a_line() {
        for (hostile, shown) in [
            ("plain text", "plain text"),
            ("Grüße, 世界", "Grüße, 世界"),
            ("\x1b[2Jgone", "\u{fffd}[2Jgone"),
            ("over\rwritten", "over\u{fffd}written"),
            ("two\nlines", "two\u{fffd}lines"),
            ("c1 \u{9b}31m", "c1 \u{fffd}31m"),
            ("\u{202e}drowssap", "\u{fffd}drowssap"),
            ("a\u{2066}b\u{2069}", "a\u{fffd}b\u{fffd}"),
            ("in\u{200b}visible", "in\u{fffd}visible"),
            ("nul\0del\x7f", "nul\u{fffd}del\u{fffd}"),
        ] {
            assert_eq!(clean(hostile), shown);
        }
    }
}
