//! The command line of `oic-token service`.

use std::path::PathBuf;

use clap::Subcommand;

/// `oic-token service`.
#[derive(Debug, Subcommand)]
pub enum Service {
    /// Have oic-tokend started whenever you log in, and start it now
    ///
    /// On Linux as a service of your systemd, on Windows as a task of the Task
    /// Scheduler. Where it runs as such already it is told again.
    Install {
        /// The configuration that it reads, where that is not in the usual
        /// place
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },

    /// Take back what 'install' did
    Uninstall,
}
