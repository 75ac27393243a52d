//! Conversations: what a user types, and to the letter what comes back.
//!
//! Each `*.txt` beside this file is one conversation with the real programs
//! and a simulated domain; `README.md` there says how it is written. After a
//! change that is meant, `OIC_CLI_WRITE=1 cargo test -p oic-tests --test cli`
//! writes down what comes back now, and `git diff` shows it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and unwrap says where"
)]

mod plain;
mod refusing;
mod script;
mod shells;
mod stage;
mod terminal;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use script::Script;

/// Set, the conversations are written down as they go now.
const WRITE_VARIABLE: &str = "OIC_CLI_WRITE";

/// Conversations at once: most of what they do is wait.
const WORKERS: usize = 12;

/// Exit codes that a conversation must show, each with what it means.
const EXIT_CODES: std::ops::RangeInclusive<i32> = 0..=9;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cli");
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files = Vec::from_iter(paths.filter(|it| it.extension().is_some_and(|it| it == "txt")));
    files.sort();
    files
}

fn read(file: &Path) -> Script {
    let text = fs::read_to_string(file).unwrap();
    Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What is wrong with this conversation, if anything.
fn check(file: &Path) -> Option<String> {
    let written = fs::read_to_string(file).unwrap();
    let script = read(file);
    let played = thread::spawn(move || stage::play(script)).join();
    let name = file.file_name().unwrap().display();
    let Ok(played) = played else {
        return Some(format!("{name}: could not be played to its end"));
    };
    let heard = played.to_string();
    if std::env::var_os(WRITE_VARIABLE).is_some() {
        fs::write(file, &heard).unwrap();
        return None;
    }
    let mut lines = written.lines().zip(heard.lines()).enumerate();
    let other = lines.find(|(_, (written, heard))| written != heard);
    match other {
        Some((at, (written, heard))) => Some(format!(
            "{name}:{}: is otherwise\n  written: {written}\n    heard: {heard}",
            at + 1
        )),
        None if written == heard => None,
        None => Some(format!("{name}: is of another length; heard:\n{heard}")),
    }
}

#[test]
fn every_conversation_goes_as_it_is_written() {
    // Built before anybody waits for it.
    oic_tests::harness::binary("oic-token");
    let files = Mutex::new(files().into_iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Some(file) = files.lock().unwrap().next() else {
                        return;
                    };
                    let found = check(&file);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_exit_code_is_in_a_conversation() {
    let scripts = files().into_iter().map(|file| read(&file));
    let codes: BTreeSet<i32> = scripts.flat_map(|script| script.codes()).collect();
    let missing = Vec::from_iter(EXIT_CODES.filter(|code| !codes.contains(code)));
    assert_eq!(missing, Vec::<i32>::new());
}
