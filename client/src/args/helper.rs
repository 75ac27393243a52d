//! `oic-token helper`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What the programs say.
pub(super) const PROGRAMS: &str = "\
Programs:
  oic-token helper git get|store|erase|capability
  oic-token helper docker get|list|store|erase|version
  oic-token helper kubernetes [URL]
  oic-token helper bazel get
  oic-token helper goauth [URL]
  oic-token helper cargo --cargo-plugin
  oic-token helper terraform get|store|forget HOST
  oic-token helper keyring get [--mode creds] [--output json] URL [USER]
Most of them start a program of their own; 'git-credential-oic',
'docker-credential-oic', 'bazel-credential-oic', 'cargo-credential-oic',
'terraform-credentials-oic' and 'keyring' are oic-token by another name.";

/// `oic-token helper`.
#[derive(Debug, Subcommand)]
pub enum Helper {
    /// Show which programs ask oic-token, and for which URLs
    List,

    /// Let a program ask oic-token
    ///
    /// Makes the link by which the program finds its helper, and prints what
    /// the program has to be told, or with --write tells it. Needs a running
    /// oic-tokend with helper entries.
    Install(Install),

    /// Take back what 'install' did
    Uninstall(Install),

    /// Speak the protocol of a program, with the arguments that it gives
    #[command(external_subcommand)]
    Answer(Vec<OsString>),
}

/// `oic-token helper install` and `uninstall`.
#[derive(Debug, Args)]
pub struct Install {
    /// Which helper: git, docker, kubernetes, bazel, goauth, cargo, terraform
    /// or keyring
    pub name: String,

    /// The folder of the link [default: ~/.local/bin; of terraform,
    /// ~/.terraform.d/plugins]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,

    /// Change the program's configuration, where that is safe
    #[arg(long)]
    pub write: bool,
}
