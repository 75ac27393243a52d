//! What others start for a token: `git credential-cache get`, and oidc-agent's
//! `oidc-token`. Each is signed in with an access token of the same domain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oic_tests::simulator::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, SCOPE};

use crate::clean_up::Watched;
use crate::exchange::Exchange;
use crate::process::{Contender, NOTHING, Prints};
use crate::stage::Stage;

/// How long git's daemon keeps the token, in seconds: it ends by itself then,
/// should the bench not end it.
const GIT_KEEPS: u32 = 900;

/// The host that git is asked about.
const GIT_HOST: &str = "protocol=https\nhost=git.example.com\n";

/// The variables by which oidc-agent is found, and ended.
const SOCKET: &str = "OIDC_SOCK";
const PID: &str = "OIDCD_PID";

/// The peers that take part, and why the others do not.
#[derive(Default)]
pub struct Peers {
    /// Those that are ready.
    pub contenders: Vec<Contender>,
    /// One line for each of the others.
    pub left_out: Vec<String>,
    agents: Vec<Agent>,
}

/// What ends the daemon of a peer; run when dropped.
struct Agent {
    end: Command,
    _watched: Option<Watched>,
}

impl Peers {
    /// Starts and signs in whichever is installed.
    pub fn start(stage: &Stage, exchange: &Exchange) -> Self {
        let mut peers = Self::default();
        peers.add("oidc-token", oidc_agent(stage));
        peers.add("git credential-cache", git(stage, exchange));
        peers
    }

    fn add(&mut self, name: &str, started: Result<(Contender, Agent), String>) {
        match started {
            Ok((contender, agent)) => {
                self.contenders.push(contender);
                self.agents.push(agent);
            }
            Err(why) => self.left_out.push(format!("{name}: {why}")),
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.end.status());
    }
}

/// git's own cache, which has been given our access token as a password.
fn git(stage: &Stage, exchange: &Exchange) -> Result<(Contender, Agent), String> {
    let stdin = stage.home.path("stdin_of_git_store");
    let credential = format!("{GIT_HOST}username=jane\npassword={}\n\n", exchange.token);
    fs::write(&stdin, credential).map_err(|error| error.to_string())?;
    let git = |words: &[&str]| {
        let mut git = stage.home.command(Path::new("git"));
        git.arg("credential-cache").args(words);
        git.stdout(Stdio::null()).stderr(Stdio::null());
        git
    };
    let mut store = git(&[&format!("--timeout={GIT_KEEPS}"), "store"]);
    let file = fs::File::open(&stdin).map_err(|error| error.to_string())?;
    done(store.stdin(file))?;
    let asks = stage.home.path("stdin_of_git_get");
    fs::write(&asks, format!("{GIT_HOST}\n")).map_err(|error| error.to_string())?;
    let contender = Contender {
        name: "git credential-cache get".to_owned(),
        program: program("git")?,
        arguments: vec!["credential-cache".to_owned(), "get".to_owned()],
        environment: Vec::new(),
        stdin: asks,
        prints: Prints::Among(exchange.token.clone()),
    };
    let end = git(&["exit"]);
    let agent = Agent {
        end,
        _watched: None,
    };
    Ok((contender, agent))
}

/// oidc-agent, with an account at the same domain.
fn oidc_agent(stage: &Stage) -> Result<(Contender, Agent), String> {
    const SET_UP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/oidc_agent");
    let oidc_token = program("oidc-token")?;
    // It says where it is, and goes on in the background.
    let mut start = stage.home.command(Path::new("oidc-agent"));
    let said = start.arg("--no-autoload").stdin(Stdio::null()).output();
    let said = said.map_err(|error| format!("oidc-agent: {error}"))?;
    let said = String::from_utf8_lossy(&said.stdout);
    let (socket, pid) = (variable(&said, SOCKET)?, variable(&said, PID)?);
    let mut end = stage.home.command(Path::new("oidc-agent"));
    end.arg("--kill").env(PID, &pid);
    end.stdout(Stdio::null()).stderr(Stdio::null());
    let agent = Agent {
        end,
        _watched: pid.parse().ok().map(Watched::new),
    };
    let mut set_up = stage.home.command(Path::new(SET_UP));
    set_up.args([
        &stage.domain.url(),
        CONFIDENTIAL_CLIENT,
        CONFIDENTIAL_SECRET,
        SCOPE,
    ]);
    set_up.env(SOCKET, &socket);
    done(
        set_up
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null()),
    )?;
    let contender = Contender {
        name: "oidc-token".to_owned(),
        program: oidc_token,
        arguments: vec!["sim".to_owned()],
        environment: vec![(SOCKET.to_owned(), socket)],
        stdin: NOTHING.into(),
        // Of another grant, so not the same one.
        prints: Prints::Among("eyJ".to_owned()),
    };
    Ok((contender, agent))
}

/// The value of a line `NAME=value; export NAME;`.
fn variable(said: &str, name: &str) -> Result<String, String> {
    let mut lines = said.lines().filter_map(|line| line.split_once('='));
    let value = lines
        .find(|(it, _)| *it == name)
        .and_then(|(_, value)| value.split(';').next());
    value
        .map(str::to_owned)
        .ok_or_else(|| format!("it says no {name}"))
}

/// Where it is on `PATH`: looking for it is no part of what is measured.
fn program(name: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(name));
    let found = places.find(|place| place.is_file());
    found.ok_or_else(|| format!("{name} is not installed"))
}

fn done(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    match command.status() {
        Err(error) => Err(format!("{program}: {error}")),
        Ok(status) if !status.success() => Err(format!("{program}: {status}")),
        Ok(_) => Ok(()),
    }
}
