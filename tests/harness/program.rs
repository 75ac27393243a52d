//! Finds the programs under test.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::runner::{RUN_SUFFIX, runner};

/// Names a folder with the programs, so that the tests run against exactly
/// what is shipped instead of what was just built.
const FOLDER_VARIABLE: &str = "OIC_TEST_PROGRAMS";

/// The program of this name: from the folder that `$OIC_TEST_PROGRAMS` names,
/// or built by cargo, once a run, beside the test itself.
///
/// # Panics
///
/// When it cannot be built or found.
pub fn binary(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| match std::env::var_os(FOLDER_VARIABLE) {
        Some(folder) => PathBuf::from(folder),
        None => build(),
    });
    let suffix = match runner() {
        Some(_) => RUN_SUFFIX,
        None => std::env::consts::EXE_SUFFIX,
    };
    let path = folder.join(format!("{name}{suffix}"));
    assert!(path.exists(), "{} does not exist", path.display());
    path
}

fn build() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/debug/deps/e2e-… or target/debug/demo
    let mut folder = test.parent().expect("a program lies in a folder");
    if folder.ends_with("deps") {
        folder = folder.parent().expect("cargo's deps lie in a folder");
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--workspace", "--bins"]);
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    let status = undescribed(&mut cargo)
        .current_dir(workspace())
        .status()
        .expect("cargo runs, it started this test");
    assert!(status.success(), "the programs do not build");
    folder.to_owned()
}

/// `command` without what cargo tells the programs that it runs about their
/// package: a build script that looks at the same variables (ring's does)
/// would take it for a change, and be run again each time.
pub fn undescribed(command: &mut Command) -> &mut Command {
    let described = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| described(name)) {
        command.env_remove(name);
    }
    command
}

/// The folder with all packages.
///
/// # Panics
///
/// Never: this package lies in it.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies in the workspace")
}
