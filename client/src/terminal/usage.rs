//! A command line that was not understood, or that asks for help.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::help::folded;
use super::{say, stderr_columns, width, write_stderr, write_stdout};
use crate::args::synonym;
use crate::failure::Exit;
use crate::start::ExitCode;

/// Says why the command line was not understood, or prints the help or the
/// version that it asked for.
pub fn usage(error: &clap::Error) -> ExitCode {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = folded(&text, width().unwrap_or(usize::MAX));
            match write_stdout(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => failure.report().into(),
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let columns = stderr_columns().unwrap_or(usize::MAX);
            write_stderr(&folded(&text, columns), "");
            Exit::Usage.into()
        }
        _ => {
            let text = in_our_words(&text);
            let hints = text.find("hint: '--help'").unwrap_or(text.len());
            let (why, help) = text.split_at(hints);
            let advice = advice_on(error);
            let lines = why.lines().chain(advice.as_deref()).chain(help.lines());
            for line in lines.filter(|line| !line.is_empty()) {
                say(line.trim_end());
            }
            Exit::Usage.into()
        }
    }
}

/// What clap does not know.
fn advice_on(error: &clap::Error) -> Option<String> {
    match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word))) => {
            let command = synonym::meant_by(word)?;
            Some(format!("hint: run 'oic-token {command}'"))
        }
        (ErrorKind::MissingRequiredArgument | ErrorKind::UnknownArgument, _)
            if error.to_string().contains(" -- <") =>
        {
            Some("hint: '--' stands before what is to be run".to_owned())
        }
        _ => None,
    }
}

/// What clap says, with its advice as everything else here advises.
fn in_our_words(text: &str) -> String {
    text.replace("  tip: ", "hint: ").replace(
        "For more information, try '--help'.",
        "hint: '--help' says what there is",
    )
}
