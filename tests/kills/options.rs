//! The command line.

use clap::{Parser, ValueEnum};

/// Kills the real daemon at every system call of a renewal, and lets its disk
/// fail, to see that no session is lost that can be kept. Takes about five
/// minutes as it stands.
#[derive(Debug, Parser)]
#[command(name = "oic-kills")]
pub struct Options {
    /// Kill at every Nth system call only
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub stride: u32,

    /// How many daemons are under test at a time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=32))]
    pub jobs: u32,

    /// What to do
    #[arg(long, value_enum, default_value_t = Part::All)]
    pub part: Part,
}

/// The parts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Kills and disk faults
    All,
    /// Kills only
    Kills,
    /// Disk faults only
    Disk,
}
