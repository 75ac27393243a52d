//! `cargo bench-oic`: what a token costs, against the least it could cost.
//!
//! Everything runs in one go on this machine: a simulated identity domain, the
//! real `oic-tokend` and `oic-token`, and C programs that do the same exchange
//! with nothing around it. The figures of one run are compared with each
//! other, never with those of another machine or another day. It prints; it
//! does not judge. Needs Linux and a C compiler.
//!
//! | file | holds |
//! |---|---|
//! | `stage.rs` | the domain, the daemon and a user signed in, in a folder of their own |
//! | `exchange.rs` | the bytes of one `get`, as the real protocol writes them |
//! | `floor.rs` | builds and starts the C programs |
//! | `floor_client.c`, `floor_bare.c`, `floor_server.c`, `load.c`, `floor.h` | the C programs |
//! | `client.rs`, `process.rs`, `system_calls.rs` | one `get` as a whole process |
//! | `crowd.rs` | five hundred of them at once |
//! | `peers.rs`, `oidc_agent` | what others start for a token, where it is installed |
//! | `helpers.rs` | likewise each credential helper |
//! | `requests.rs` | requests a second, over many connections |
//! | `rest.rs` | the daemon's memory and wake-ups while nobody asks |
//! | `profiles.rs` | a thousand profiles in one daemon |
//! | `stampede.rs` | ten thousand callers that wait for one renewal |
//! | `scheduler.rs` | a hundred thousand profiles in the schedule of alarms |
//! | `figures.rs`, `report.rs`, `size_report.rs` | percentiles and ratios; the tables and the JSON |
//! | `clean_up.rs` | leaves nothing behind, however it ends |
//! | `clock.rs` | the only file that reads a clock |

mod clean_up;
mod client;
mod clock;
mod crowd;
mod exchange;
mod failure;
mod figures;
mod floor;
mod helpers;
mod options;
mod peers;
mod process;
mod profiles;
mod report;
mod requests;
mod rest;
mod scheduler;
mod size_report;
mod stage;
mod stampede;
mod system_calls;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser;

use exchange::Exchange;
use failure::Failure;
use floor::{FloorServer, Programs};
use options::{Options, Part};
use report::{Machine, Report, Size, Speed};
use rest::Server;
use stage::Stage;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("oic-bench: error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let machine = Machine::look();
    let wanted = |part: Part| options.part == Part::All || options.part == part;
    let report = Report {
        machine,
        client: wanted(Part::Client)
            .then(|| client::measure(options))
            .transpose()?,
        speed: wanted(Part::Speed).then(|| speed(options)).transpose()?,
        helpers: wanted(Part::Helpers)
            .then(|| helpers::measure(options.rounds))
            .transpose()?,
        size: wanted(Part::Size).then(size).transpose()?,
    };
    print!("{report}");
    match &options.json {
        Some(file) => report.write_json(file),
        None => Ok(()),
    }
}

fn size() -> Result<Size, Failure> {
    Ok(Size {
        profiles: profiles::measure()?,
        stampede: stampede::measure()?,
        scheduler: scheduler::measure(),
    })
}

/// The daemon is looked at while it is fresh, then worked hard: what thousands
/// of callers leave behind in it must not be taken for what one session needs.
fn speed(options: &Options) -> Result<Speed, Failure> {
    eprintln!("building what is not built yet, signing in …");
    let stage = Stage::set()?;
    let programs = Programs::build(&stage.home.path(""))?;
    let exchange = Exchange::with_daemon(&stage.home.socket())?;
    let floor = FloorServer::start(&programs, &exchange)?;
    let servers = [
        Server::new("oic-tokend", stage.daemon.pid(), stage.home.socket()),
        Server::new("C, epoll", floor.pid(), floor.socket().to_owned()),
    ];

    let rest = rest::measure(&servers, &programs, options.idle_seconds)?;
    let [daemon, floor_server] = &servers;
    let requests = requests::measure(&programs, daemon, floor_server, options)?;
    Ok(Speed { requests, rest })
}
