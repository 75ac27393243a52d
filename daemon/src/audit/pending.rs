//! The lines that are collected until they are written.

use std::collections::HashMap;
use std::mem;

use super::Line;
use crate::program;

/// Lines that are collected. In a second that is more than the journal takes
/// from a service (`RateLimitBurst=` in `journald.conf(5)`).
pub(super) const LINES_MAX: usize = 1000;

/// What is to be written down.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The number that each line has in `seen`.
    lines: HashMap<Line, usize>,
    seen: Vec<Seen>,
    /// Those that had no place among the lines.
    left_out: u64,
    /// Whether somebody is about to write all this.
    soon: bool,
    /// How often that has been done.
    round: u64,
    /// What the token that each profile handed out last is called.
    names: HashMap<String, (u64, String)>,
}

/// How often a line was to be written, and by whose doing.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) program: Option<String>,
    pub(super) times: u64,
}

/// Which line it was, for as long as that is not written.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    round: u64,
    number: usize,
}

impl Pending {
    /// `None`: there is no place for another line.
    pub(super) fn add(&mut self, line: Line) -> Option<Noted> {
        let number = match self.lines.get(&line) {
            Some(number) => *number,
            None if self.seen.len() >= LINES_MAX => {
                self.left_out += 1;
                return None;
            }
            None => self.add_first(line),
        };
        self.seen[number].times += 1;
        Some(Noted {
            round: self.round,
            number,
        })
    }

    fn add_first(&mut self, line: Line) -> usize {
        let number = self.seen.len();
        self.seen.push(Seen {
            // Now: in half a second the process will be gone.
            program: line.pid.and_then(program::name),
            times: 0,
        });
        self.lines.insert(line, number);
        number
    }

    pub(super) fn add_again(&mut self, noted: Noted) -> bool {
        let seen = self.seen.get_mut(noted.number);
        let seen = seen.filter(|_| noted.round == self.round);
        seen.map(|seen| seen.times += 1).is_some()
    }

    /// Whether somebody has to write this later, which nobody is about to.
    pub(super) fn begin_collecting(&mut self) -> bool {
        !mem::replace(&mut self.soon, true)
    }

    /// What is to be written, in the order in which it came.
    pub(super) fn take(&mut self) -> (Vec<(Line, Seen)>, u64) {
        self.soon = false;
        self.round += 1;
        let mut lines = Vec::from_iter(mem::take(&mut self.lines));
        lines.sort_unstable_by_key(|(_, number)| *number);
        let lines = lines.into_iter().map(|(line, _)| line);
        let lines = lines.zip(mem::take(&mut self.seen)).collect();
        (lines, mem::take(&mut self.left_out))
    }

    /// What the token of `profile` with this mark is called, if it is the one
    /// that was handed out last.
    pub(super) fn name(&self, profile: &str, mark: u64) -> Option<String> {
        let (of, name) = self.names.get(profile)?;
        (*of == mark).then(|| name.clone())
    }

    pub(super) fn set_name(&mut self, profile: &str, mark: u64, name: &str) {
        let known = (mark, name.to_owned());
        self.names.insert(profile.to_owned(), known);
    }
}
