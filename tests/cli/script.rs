//! How a conversation is written. Pure.

use std::fmt::{self, Write};

/// A conversation.
#[derive(Debug)]
pub struct Script {
    /// In the order of the file.
    pub steps: Vec<Step>,
}

/// One thing in it.
#[derive(Debug)]
pub enum Step {
    /// A comment or an empty line, as it is.
    Note(String),
    /// `@ …`: something happens that nobody types, with the lines of the file
    /// that it writes, if it does.
    Happens(String, Vec<String>),
    /// `$ …`: somebody types a command.
    Typed(Exchange),
}

/// A command and what came of it.
#[derive(Debug, Default)]
pub struct Exchange {
    /// As a shell reads it.
    pub command: String,
    /// The lines of stdout.
    pub stdout: Vec<String>,
    /// The lines of stderr.
    pub stderr: Vec<String>,
    /// The exit code.
    pub code: Option<i32>,
}

impl Script {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// The line that means nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps: Vec<Step> = Vec::new();
        for line in text.lines() {
            let (mark, rest) = line.split_at_checked(1).unwrap_or((line, ""));
            let rest = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
            let meaningless = || format!("this line means nothing here: {line}");
            match (mark, steps.last_mut()) {
                ("" | "#", _) => steps.push(Step::Note(line.to_owned())),
                ("@", _) => steps.push(Step::Happens(rest, Vec::new())),
                ("$", _) => steps.push(Step::Typed(Exchange {
                    command: rest,
                    ..Exchange::default()
                })),
                ("|", Some(Step::Happens(_, content))) => content.push(rest),
                ("|", Some(Step::Typed(exchange))) => exchange.stdout.push(rest),
                ("!", Some(Step::Typed(exchange))) => exchange.stderr.push(rest),
                ("=", Some(Step::Typed(exchange))) => {
                    exchange.code = Some(rest.parse().map_err(|_| meaningless())?);
                }
                _ => return Err(meaningless()),
            }
        }
        Ok(Self { steps })
    }

    /// The exit codes that are written in it.
    pub fn codes(&self) -> Vec<i32> {
        let code = |step: &Step| match step {
            Step::Typed(exchange) => exchange.code,
            _ => None,
        };
        self.steps.iter().filter_map(code).collect()
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, mark: char, rest: &str| {
            f.write_char(mark)?;
            if !rest.is_empty() {
                write!(f, " {rest}")?;
            }
            f.write_char('\n')
        };
        for step in &self.steps {
            match step {
                Step::Note(text) => writeln!(f, "{text}")?,
                Step::Happens(what, content) => {
                    line(f, '@', what)?;
                    content.iter().try_for_each(|text| line(f, '|', text))?;
                }
                Step::Typed(exchange) => {
                    line(f, '$', &exchange.command)?;
                    exchange
                        .stdout
                        .iter()
                        .try_for_each(|text| line(f, '|', text))?;
                    exchange
                        .stderr
                        .iter()
                        .try_for_each(|text| line(f, '!', text))?;
                    let code = exchange.code.unwrap_or_default();
                    line(f, '=', &code.to_string())?;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn what_is_read_is_written_the_same() {
    let text = "# A title.\n\n@ file x\n| a\n|\n$ cat x\n| a\n|\n! no\n= 1\n";
    assert_eq!(Script::parse(text).unwrap().to_string(), text);
    assert!(Script::parse("| out of nowhere").is_err());
    assert!(Script::parse("$ x\n= one").is_err());
}
