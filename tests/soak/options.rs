//! The command line.

use clap::Parser;

/// Keeps one session at a real authorization server through many rotations,
/// while the daemon is killed and its connections are cut. Takes about a
/// quarter of an hour as it stands.
#[derive(Debug, Parser)]
#[command(name = "oic-soak")]
pub struct Options {
    /// How often the refresh token is rotated
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub rotations: u32,

    /// Do again what was done with this seed, which every run prints
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,

    /// Instead, kill N times where the session cannot be kept: after the
    /// refresh token was used up, before the new one can have been stored
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000), conflicts_with_all = ["rotations", "seed"])]
    pub window: Option<u32>,
}
