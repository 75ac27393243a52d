//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures what a token costs, against the least it could cost, and prints
/// the ratios. Takes about five minutes as it stands.
#[derive(Debug, Parser)]
#[command(name = "oic-bench")]
pub struct Options {
    /// How often each program is started
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub rounds: u32,

    /// How often each load is put on each server
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    pub repeats: u32,

    /// How long each load lasts
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub load_seconds: u32,

    /// How long wake-ups are counted while nobody asks
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub idle_seconds: u32,

    /// What to measure
    #[arg(long, value_enum, default_value_t = Part::All)]
    pub part: Part,

    /// Also write the figures there, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// The parts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Everything
    All,
    /// The client as a whole process, beside programs in C and of others
    Client,
    /// One daemon with one profile, beside a program in C
    Speed,
    /// Each credential helper beside get
    Helpers,
    /// A thousand profiles, ten thousand callers
    Size,
}
