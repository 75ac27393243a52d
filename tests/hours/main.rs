//! `cargo hours`: the driver and its core live a million hours in a few
//! minutes, in a world that fails at random.

mod clock;
mod deeds;
mod disk;
mod incidents;
mod life;
mod machine;
mod network;
mod options;
mod people;
mod plan;
mod random;
mod replies;
mod report;
mod rules;
mod run;
mod server;
mod sim;
mod tally;
#[cfg(test)]
mod tests;
mod time;
mod workers;

use std::num::NonZero;
use std::process::ExitCode;
use std::thread;

use clap::Parser;

use options::Options;
use plan::Plan;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(seed) = options.replay {
        return replay(seed);
    }
    let seed = options
        .seed
        .unwrap_or_else(|| u64::from(getrandom::u32().unwrap_or(0)));
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let jobs = options.jobs.unwrap_or(processors);
    let start = clock::start();
    let total = workers::run_all(seed, options.hours, jobs);
    let took = start.elapsed().as_secs_f64();
    let last = total.next_seed - 1;
    println!("seeds {seed} to {last}, {jobs} at a time, in {took:.1} s");
    print!("{}", total.tally);
    match total.failed {
        None => ExitCode::SUCCESS,
        Some(seed) => replay(seed),
    }
}

/// One run again, watched.
fn replay(seed: u64) -> ExitCode {
    let plan = Plan::new(seed);
    println!("\n{plan:#?}");
    let outcome = run::run(plan, true);
    for line in outcome.trace {
        println!("{line}");
    }
    match outcome.failure {
        None => {
            println!("\nseed {seed}: every rule held");
            ExitCode::SUCCESS
        }
        Some(what) => {
            println!("\nseed {seed}: WRONG: {what}");
            println!("again: cargo hours --replay {seed}");
            ExitCode::FAILURE
        }
    }
}
