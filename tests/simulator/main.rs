//! `oic-sim`: the simulator as a program.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use oic_tests::simulator::{KnobRefused, Knobs, Options, Reference, Simulator};

/// An OCI IAM identity domain and an OIC REST endpoint on loopback.
#[derive(Parser)]
#[command(name = "oic-sim", version)]
struct Arguments {
    /// Where to listen; loopback only, port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = loopback)]
    listen: SocketAddr,
    /// How many seconds an access token lives.
    #[arg(long, value_name = "S")]
    access_token_lifetime: Option<String>,
    /// How many seconds a refresh token lives.
    #[arg(long, value_name = "S")]
    refresh_token_lifetime: Option<String>,
    /// Set a knob; may be given several times. --help lists them.
    #[arg(long = "knob", value_name = "NAME=VALUE")]
    knobs: Vec<String>,
    /// Print a configuration for oic-tokend that fits, then serve.
    #[arg(long)]
    print_config: bool,
}

fn main() -> ExitCode {
    let mut command = Arguments::command().after_long_help(Reference.to_string());
    let matches = command.get_matches_mut();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let knobs = arguments.knobs().unwrap_or_else(|refused| {
        command.error(ErrorKind::ValueValidation, refused).exit();
    });
    match run(&arguments, knobs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "oic-sim: error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until SIGINT or SIGTERM.
fn run(arguments: &Arguments, knobs: Knobs) -> io::Result<()> {
    let listen = arguments.listen;
    let simulator = Simulator::try_start(Options { listen, knobs }).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}"))
    })?;
    if arguments.print_config {
        let mut stdout = io::stdout();
        stdout.write_all(simulator.config_toml().as_bytes())?;
        stdout.flush()?;
    }
    writeln!(io::stderr(), "oic-sim: ready on {}", simulator.url())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(told_to_stop())
}

impl Arguments {
    fn knobs(&self) -> Result<Knobs, KnobRefused> {
        let mut knobs = Knobs::default();
        if let Some(seconds) = &self.access_token_lifetime {
            knobs.set("access_token_lifetime", seconds)?;
        }
        if let Some(seconds) = &self.refresh_token_lifetime {
            knobs.set("refresh_token_lifetime", seconds)?;
        }
        for assignment in &self.knobs {
            knobs.assign(assignment)?;
        }
        Ok(knobs)
    }
}

/// Refuses addresses others can reach: who can connect can approve logins.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|error| format!("{error}, as in 127.0.0.1:8080"))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("not a loopback address; the simulator serves this machine only".into())
    }
}

#[cfg(unix)]
async fn told_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_sets_lifetimes_and_knobs() {
        let arguments = Arguments::parse_from([
            "oic-sim",
            "--access-token-lifetime=60",
            "--refresh-token-lifetime=120",
            "--knob=ecid=false",
            "--knob=pending_status=403",
        ]);
        let mut expected = Knobs::default();
        for assignment in [
            "access_token_lifetime=60",
            "refresh_token_lifetime=120",
            "ecid=false",
            "pending_status=403",
        ] {
            expected.assign(assignment).unwrap();
        }
        assert_eq!(arguments.knobs(), Ok(expected));
    }

    #[test]
    fn addresses_others_can_reach_are_refused() {
        assert!(loopback("127.0.0.1:0").is_ok());
        assert!(loopback("[::1]:8080").is_ok());
        assert!(loopback("0.0.0.0:0").is_err());
        assert!(loopback("localhost").is_err());
    }
}
