//! What strace writes, as system calls.

use std::collections::HashMap;
use std::fmt;

/// The thread that a system call was made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    /// Everything but the disk.
    Main,
    /// Reads and writes of sessions.
    Disk,
}

/// One system call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where it was made.
    pub thread: Thread,
    /// The how-manieth of its name it was in its thread since the trace began,
    /// from 1: as strace counts in `when=`.
    pub number: usize,
    /// When it was entered, in microseconds.
    pub entered: u64,
    /// When it was left, in microseconds; `None` for one that never was.
    pub left: Option<u64>,
    /// Its name.
    pub name: String,
    /// Its arguments, as strace writes them.
    pub arguments: String,
    /// What it returned, if it did and that was a number.
    pub result: Option<i64>,
}

/// The system calls that strace, with `-ttt -T -y`, saw in one thread.
pub fn parse(thread: Thread, lines: &[String]) -> Vec<Call> {
    let calls = lines.iter().filter_map(|line| call(thread, line));
    let mut calls = Vec::from_iter(calls);
    let mut counts = HashMap::new();
    for call in &mut calls {
        let count = counts.entry(call.name.clone()).or_insert(0);
        *count += 1;
        call.number = *count;
    }
    calls
}

/// `1795473104.884783 write(17</run/x>, ""..., 3196) = 3196 <0.000034>`, or
/// with `= ?` or `<unfinished ...>` where the thread was killed in it.
fn call(thread: Thread, line: &str) -> Option<Call> {
    let (time, call) = line.split_once(' ')?;
    let entered = microseconds(time)?;
    let (name, rest) = call.trim_start().split_once('(')?;
    let (arguments, end) = rest.rsplit_once(" = ").unwrap_or((rest, "?"));
    let (result, took) = end.rsplit_once(" <").unwrap_or((end, ""));
    let took = took.strip_suffix('>').and_then(microseconds);
    Some(Call {
        thread,
        number: 0,
        entered,
        left: took.map(|took| entered + took),
        name: name.to_owned(),
        arguments: arguments.trim_end().trim_end_matches(')').to_owned(),
        result: number(result),
    })
}

/// `12`, `-1 EAGAIN (…)`, `0x1 (flags FD_CLOEXEC)`, `17</run/x>`.
fn number(result: &str) -> Option<i64> {
    let digits = result.split([' ', '<']).next()?;
    match digits.strip_prefix("0x") {
        Some(hexadecimal) => i64::from_str_radix(hexadecimal, 16).ok(),
        None => digits.parse().ok(),
    }
}

/// Seconds with six decimals, in microseconds.
fn microseconds(seconds: &str) -> Option<u64> {
    let (whole, decimals) = seconds.split_once('.')?;
    let decimals: u64 = decimals.parse().ok().filter(|_| decimals.len() == 6)?;
    Some(whole.parse::<u64>().ok()? * 1_000_000 + decimals)
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Main => "main thread",
            Self::Disk => "disk thread",
        })
    }
}
