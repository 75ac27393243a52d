//! The command line.

use clap::Parser;

/// Runs the driver and its core in simulated time, against a simulated server,
/// network, disk and clock that fail at random, and sees that no rule is
/// broken.
#[derive(Debug, Parser)]
#[command(name = "oic-hours")]
pub struct Options {
    /// How many hours to live, over all runs
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub hours: u64,

    /// The seed of the first run; each further run has the next one [default:
    /// random]
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,

    /// How many runs at a time [default: one a processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,

    /// Only the run of this seed, and what happened in it last
    #[arg(long, value_name = "SEED", conflicts_with_all = ["hours", "seed", "jobs"])]
    pub replay: Option<u64>,
}
