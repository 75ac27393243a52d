//! The invariants of ARCHITECTURE.md that a reader of the source can check.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and unwrap says where"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest source file, in lines. A longer one does a second thing.
const FILE_LINES_MAX: usize = 400;

/// What the pure core may not name: clocks, I/O, waiting, sharing.
const IMPURE: [&str; 13] = [
    "async ",
    ".await",
    "tokio::",
    "reqwest::",
    "std::fs",
    "std::net::Tcp",
    "std::io",
    "std::thread",
    "Mutex",
    "Arc<",
    "Instant",
    "SystemTime",
    "clock::",
];

/// The only files with unsafe code, which the compiler refuses elsewhere
/// (`unsafe_code`). clippy wants a `SAFETY:` comment at each block.
const UNSAFE: &[&str] = &[
    "client/src/call/transport/windows.rs",
    "client/src/heap.rs",
    // C's `main`, which C calls with C's strings.
    "client/src/start.rs",
    "daemon/src/background/windows.rs",
    "daemon/src/clock.rs",
    "daemon/src/heap.rs",
    "daemon/src/listener/unix/groups.rs",
    "daemon/src/listener/unix/passed.rs",
    "daemon/src/signals/windows/window.rs",
    "daemon/src/store/dpapi.rs",
    "daemon/src/store/file/windows.rs",
    "proto/src/memory.rs",
    "proto/src/sid.rs",
];

/// The only files in which it matters what system this is, by the one outside
/// thing that each touches. Whatever decides is the same everywhere.
const SYSTEMS: &[(&str, &[&str])] = &[
    (
        "the transport",
        &[
            "client/src/call/transport.rs",
            "daemon/src/listener.rs",
            "daemon/src/listener/unix.rs",
        ],
    ),
    (
        "who is at its other end",
        &[
            "client/src/call/server.rs",
            "daemon/src/accounts.rs",
            "daemon/src/listener/unix/groups.rs",
            "daemon/src/peer.rs",
            "daemon/src/program.rs",
            "proto/src/lib.rs",
        ],
    ),
    (
        "keys, and which of them there are",
        &["daemon/src/store.rs", "daemon/src/store/key.rs"],
    ),
    (
        "signals",
        &["client/src/interrupt.rs", "daemon/src/signals.rs"],
    ),
    (
        "where files are, and whose",
        &[
            "client/src/doctor/files.rs",
            "client/src/install/link.rs",
            "client/src/place.rs",
            "client/src/private.rs",
            "daemon/src/directory.rs",
            "daemon/src/homes.rs",
            "daemon/src/private.rs",
            "daemon/src/sink.rs",
            "daemon/src/store/file.rs",
        ],
    ),
    (
        "programs that are started",
        &[
            "client/src/browser.rs",
            "client/src/curl/attempt.rs",
            "client/src/program.rs",
            "daemon/src/hooks/runner.rs",
        ],
    ),
    (
        "the start, and C's `main`",
        &["client/src/main.rs", "client/src/start.rs"],
    ),
    (
        "the service manager",
        &[
            "client/src/service.rs",
            "daemon/src/background.rs",
            "daemon/src/fd_store.rs",
            "daemon/src/logging/journal.rs",
            "daemon/src/readiness.rs",
        ],
    ),
    (
        "the terminal",
        &["client/src/passphrase.rs", "client/src/terminal/system.rs"],
    ),
    (
        "clocks, and the machine",
        &[
            "client/src/clock.rs",
            "daemon/src/clock.rs",
            "daemon/src/machine.rs",
        ],
    ),
    (
        "the process: its memory, its descriptors, its fence",
        &[
            "daemon/src/descriptors.rs",
            "daemon/src/fence.rs",
            "daemon/src/heap.rs",
            "daemon/src/swap.rs",
            "proto/src/memory.rs",
        ],
    ),
    (
        "the way out without a network",
        &["daemon/src/endpoint/egress.rs"],
    ),
];

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("a workspace").to_owned()
}

/// Every Rust file below `folder` with its text, tests left out.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = rust_files(folder);
    found.retain(|(name, _)| !name.contains("/tests"));
    assert!(!found.is_empty(), "{folder} holds no source");
    found
}

/// Every Rust file below `folder` with its text.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    files(folder, "rs")
}

/// Every file below `folder` whose name ends so, with its text.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                let text = fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, text));
            }
        }
    }
    found
}

/// The lines of code that contain `text`, comments left out.
fn uses<'a>(source: &'a str, text: &'a str) -> impl Iterator<Item = &'a str> {
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter(move |line| line.contains(text))
}

/// Whether `path` is in the line as a word of its own: `nix::` is not in
/// `unix::`.
fn names(line: &str, path: &str) -> bool {
    let in_word = |before: &str| before.ends_with(|it: char| it.is_alphanumeric() || it == '_');
    line.match_indices(path)
        .any(|(at, _)| !in_word(&line[..at]))
}

#[track_caller]
fn named_only_in(crate_name: &str, folders: &[&str], allowed: &[&str]) {
    for (file, text) in folders.iter().flat_map(|folder| sources(folder)) {
        let path = format!("{crate_name}::");
        let offence = uses(&text, &path).find(|line| names(line, &path));
        let allowed = allowed.iter().any(|prefix| file.starts_with(prefix));
        assert!(allowed || offence.is_none(), "{file} names it: {offence:?}");
    }
}

#[test]
fn the_core_is_pure() {
    let core = sources("daemon/src").into_iter().filter(|(file, _)| {
        file.starts_with("daemon/src/lifecycle") || file.starts_with("daemon/src/oauth")
    });
    for (file, text) in core {
        for word in IMPURE {
            let offence = uses(&text, word).next();
            assert_eq!(offence, None, "{file} is not pure");
        }
    }
}

#[test]
fn each_outside_thing_has_one_file() {
    let everywhere = ["daemon/src", "client/src", "proto/src"];
    named_only_in("bincode", &everywhere, &["proto/src/frame.rs"]);
    named_only_in("reqwest", &everywhere, &["daemon/src/endpoint"]);
    named_only_in("rustls", &everywhere, &["daemon/src/endpoint"]);
    named_only_in(
        "interprocess",
        &everywhere,
        &["daemon/src/listener", "client/src/call/transport/unix.rs"],
    );
    named_only_in("zbus", &everywhere, &["daemon/src/store/secret_service"]);
    named_only_in(
        "windows_sys",
        &everywhere,
        &[
            "client/src/call/transport/windows.rs",
            "daemon/src/background/windows.rs",
            "daemon/src/signals/windows",
            "daemon/src/store/dpapi",
            "daemon/src/store/file/windows.rs",
            "proto/src/sid.rs",
        ],
    );
    named_only_in("nix", &everywhere, &["daemon/src/accounts.rs"]);
    named_only_in("signal_hook", &["daemon/src"], &["daemon/src/signals"]);
    named_only_in("landlock", &everywhere, &["daemon/src/fence"]);
    named_only_in("seccompiler", &everywhere, &["daemon/src/fence"]);
}

#[test]
fn unsafe_blocks_are_in_named_files_alone() {
    // Not in so many letters, or this file would be one of them.
    let unlocked = format!("unsafe{}", "_code");
    let everywhere = ["daemon", "client", "proto", "tests"];
    let files = everywhere.iter().flat_map(|folder| rust_files(folder));
    let unlocking = files.filter(|(_, text)| uses(text, &unlocked).next().is_some());
    let mut found = Vec::from_iter(unlocking.map(|(file, _)| file));
    found.sort();
    assert_eq!(found, UNSAFE);
}

/// Whether the line is for one system, or asks which it is.
fn asks_for_the_system(line: &str) -> bool {
    let condition = line.split_once("cfg").map_or("", |(_, after)| after);
    let asks = ["(", "!(", "_attr("];
    asks.iter().any(|it| condition.starts_with(it))
        && ["unix", "windows", "target_os"]
            .iter()
            .any(|it| condition.contains(it))
}

#[test]
fn what_depends_on_the_system_is_in_named_files_alone() {
    let everywhere = ["client/src", "daemon/src", "proto/src"];
    let files = everywhere.iter().flat_map(|folder| sources(folder));
    let asking = files.filter(|(file, text)| {
        let lines = Vec::from_iter(text.lines().map(str::trim));
        // Which tests there are is another matter.
        let of_tests = |at: usize| at > 0 && lines[at - 1] == "#[cfg(test)]";
        let asks = |(at, line): (usize, &&str)| {
            !line.starts_with("//") && asks_for_the_system(line) && !of_tests(at)
        };
        !file.ends_with("/testbed.rs") && lines.iter().enumerate().any(asks)
    });
    let mut found = Vec::from_iter(asking.map(|(file, _)| file));
    found.sort();
    let mut named = Vec::from_iter(SYSTEMS.iter().flat_map(|(_, files)| files.iter().copied()));
    named.sort();
    assert_eq!(found, named);
}

#[test]
fn every_package_has_the_lints_of_the_workspace() {
    for package in ["daemon", "client", "proto", "tests"] {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{package}");
    }
}

#[test]
fn the_client_links_neither_a_runtime_nor_http() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "oic-token", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.contains("oic-proto "), "{tree}");
    for heavy in ["tokio ", "reqwest ", "hyper ", "rustls "] {
        assert!(!tree.lines().any(|line| line.starts_with(heavy)), "{heavy}");
    }
}

/// Of systemd 252 at least, `@system-service` leaves these out, and a call that
/// is left out is the daemon's end.
#[test]
fn a_unit_that_filters_calls_lets_the_daemon_fence_itself_in() {
    const CALLS: &str = "SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule \
                         landlock_restrict_self";
    let mut filtered = 0;
    for (name, text) in files("systemd", "service") {
        let starts_it = text.contains("bin/oic-tokend");
        if starts_it && text.contains("SystemCallFilter=@system-service") {
            assert!(text.lines().any(|line| line == CALLS), "{name}");
            filtered += 1;
        }
    }
    assert!(filtered > 0);
}

/// Where there is no `man` the pages are looked at by nobody, and that is said.
#[test]
fn man_finds_nothing_to_say_about_the_manual() {
    let mut pages = fs::read_dir(root().join("docs/man")).unwrap().peekable();
    assert!(pages.peek().is_some());
    for page in pages {
        let page = page.unwrap().path();
        let man = Command::new("man")
            .args(["--warnings", "-E", "UTF-8", "-Tutf8", "-Z", "-l"])
            .arg(&page)
            .env("LC_ALL", "C.UTF-8")
            .output();
        let Ok(output) = man else {
            return println!("skipped: there is no man");
        };
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, "", "{}", page.display());
        assert!(output.status.success(), "{}", page.display());
    }
}

#[test]
fn no_source_file_does_two_things() {
    for (file, text) in ["daemon/src", "client/src", "proto/src"]
        .iter()
        .flat_map(|folder| rust_files(folder))
    {
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES_MAX, "{file} has {lines} lines");
    }
}
