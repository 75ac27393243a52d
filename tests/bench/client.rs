//! One `get` as a whole process: the client beside the least there could be, and
//! beside what others start for a token.

use std::path::{Path, PathBuf};
use std::process::Command;

use oic_tests::harness::{binary, undescribed, workspace};
use serde::Serialize;

use crate::crowd::{self, CrowdReport};
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::floor::Programs;
use crate::options::Options;
use crate::peers::Peers;
use crate::process::{self, Contender, NOTHING, Prints, ProcessReport};
use crate::stage::Stage;

/// What the client costs.
#[derive(Debug, Serialize)]
pub struct ClientReport {
    /// One process after the other.
    pub process: ProcessReport,
    /// Hundreds at once.
    pub crowd: CrowdReport,
}

/// Measures it.
pub fn measure(options: &Options) -> Result<ClientReport, Failure> {
    eprintln!("building what is not built yet, signing in …");
    let shipped = shipped()?;
    let stage = Stage::set()?;
    let programs = Programs::build(&stage.home.path(""))?;
    let exchange = Exchange::with_daemon(&stage.home.socket())?;
    let peers = Peers::start(&stage, &exchange);

    let ours = ours(&exchange, shipped);
    let mut contenders = floor(&stage, &programs, &exchange);
    contenders.extend(ours);
    let crowd = crowd::measure(&stage, &contenders, options.repeats)?;
    contenders.extend(peers.contenders);
    eprintln!("starting {} processes of each kind …", options.rounds);
    let mut process = process::compare(&stage, &contenders, options.rounds)?;
    process.left_out = peers.left_out;
    Ok(ClientReport { process, crowd })
}

/// The client that is in packages, built if it is not.
pub fn shipped() -> Result<PathBuf, Failure> {
    let mut build = Command::new(workspace().join("packaging/build"));
    let built = undescribed(build.arg("--client")).output();
    let failed = |cause: String| Failure::of("packaging/build --client", cause);
    let built = built.map_err(|error| failed(error.to_string()))?;
    let said = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() {
        return Err(failed(said.into_owned()));
    }
    eprint!("{said}");
    let folder = String::from_utf8_lossy(&built.stdout);
    Ok(Path::new(folder.trim_end()).join("oic-token"))
}

/// `get` by this build of the client.
pub fn get(name: &str, program: PathBuf, exchange: &Exchange) -> Contender {
    Contender {
        name: name.to_owned(),
        program,
        arguments: vec!["get".to_owned()],
        environment: Vec::new(),
        stdin: NOTHING.into(),
        prints: Prints::Exactly(format!("{}\n", exchange.token)),
    }
}

fn ours(exchange: &Exchange, shipped: PathBuf) -> [Contender; 2] {
    [
        get("oic-token get, as shipped", shipped, exchange),
        get("oic-token get, cargo build", binary("oic-token"), exchange),
    ]
}

fn floor(stage: &Stage, programs: &Programs, exchange: &Exchange) -> Vec<Contender> {
    let floor = |name: &str, program| Contender {
        name: name.to_owned(),
        program,
        arguments: exchange.floor_client_arguments(&stage.home.socket()),
        environment: Vec::new(),
        stdin: NOTHING.into(),
        prints: Prints::Exactly(format!("{}\n", exchange.token)),
    };
    let mut floors = vec![
        floor("C, static", programs.static_client()),
        floor("C, dynamic", programs.dynamic_client()),
    ];
    if programs.bare_client().exists() {
        floors.push(floor("C without a library", programs.bare_client()));
    }
    floors
}
