//! The programs that ask a helper for credentials, driven for real: git,
//! docker, kubectl and others, each against a small server on loopback that
//! lets in who brings the right token.
//!
//! They are ignored unless asked for, since they need what `clients/install`
//! installs: `tests/run` runs it, and then them.

mod cargo;
mod curl;
mod docker;
mod git;
mod go;
mod image_registry;
mod kubectl;
mod old_git;
mod old_pip;
mod pip;
mod repository;
mod server;
mod simple_index;
mod skopeo;
mod terraform;
mod uv;

use std::env;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oic_tests::harness::{Outcome, binary};

use crate::signed_in::{SignedIn, quick_domain};

/// How long access tokens live here, in seconds: to the end of each test.
const LIFETIME: &str = "3600";

/// A user signed in, whose programs find `oic-token` and its helpers.
struct User {
    signed_in: SignedIn,
}

impl User {
    /// Jane, signed in, with the token of her profile mapped to `url`.
    fn with_token_for(url: &str) -> Self {
        let signed_in = SignedIn::with(quick_domain().knob("access_token_lifetime", LIFETIME));
        let entry = format!("\n[[helper]]\nurl = \"{url}\"\n");
        signed_in
            .home
            .configure(&(signed_in.domain.config_toml() + &entry));
        signed_in.daemon.reload();
        let user = Self { signed_in };
        std::fs::create_dir_all(user.links()).unwrap();
        symlink(binary("oic-token"), user.links().join("oic-token")).unwrap();
        user
    }

    /// The access token of the profile.
    fn token(&self) -> String {
        self.signed_in.get()
    }

    /// Ends her login.
    fn log_out(&self) {
        self.signed_in.home.oic_token(&["logout"]).succeeded();
    }

    /// Sets a program up for its helper, as the manual says.
    fn install(&self, helper: &str) {
        let words = ["helper", "install", helper, "--write"];
        run(self.command("oic-token").args(words)).succeeded();
    }

    /// `oic-token`, a helper, or one of the programs that `clients/install`
    /// has found or installed.
    fn command(&self, program: &str) -> Command {
        let home = &self.signed_in.home;
        let inherited = env::var_os("PATH").unwrap();
        let own = [self.links(), clients()].into_iter();
        let path = own.chain(env::split_paths(&inherited));
        let ours = self.links().join(program);
        let program = match ours.exists() {
            true => ours,
            // An absolute path stays one.
            false => clients().join(program),
        };
        assert!(
            program.exists(),
            "{} does not exist; tests/run installs it",
            program.display()
        );
        let mut command = home.command(&program);
        command
            .env("PATH", env::join_paths(path).unwrap())
            .stdin(Stdio::null());
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.signed_in.home.path(name)
    }

    fn links(&self) -> PathBuf {
        self.path(".local/bin")
    }
}

/// Where `clients/install` puts links to what it finds: `target/clients/bin`.
fn clients() -> PathBuf {
    let test = env::current_exe().unwrap();
    // target/debug/deps/e2e-…
    let target = test.ancestors().nth(3).unwrap();
    target.join("clients/bin")
}

fn run(command: &mut Command) -> Outcome {
    command.output().unwrap().into()
}

/// Packs `folder` into `archive`, as zip: wheels and Go modules are that.
fn zip(folder: &Path, archive: &Path) {
    // Files alone: Go wants no entries for folders.
    let script = "import pathlib, sys, zipfile\n\
        with zipfile.ZipFile(sys.argv[1], 'w') as archive:\n  \
            for path in pathlib.Path('.').rglob('*'):\n    \
                if path.is_file(): archive.write(path)";
    let status = Command::new(clients().join("python3"))
        .args(["-c", script])
        .arg(archive)
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(status.success());
}

/// SHA-256 in hexadecimal, as registries name their files.
fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect()
}
