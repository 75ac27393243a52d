//! The C programs: built, started, stopped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::clean_up::Watched;
use crate::exchange::Exchange;
use crate::failure::Failure;

/// Where their sources lie.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench");

/// How the client is linked to nothing: `floor_bare.c` is all that it has.
const BARE: [&str; 5] = [
    "-static",
    "-nostdlib",
    "-fno-stack-protector",
    // Or the loop that is `strlen` would become a call of `strlen`.
    "-fno-tree-loop-distribute-patterns",
    concat!(env!("CARGO_MANIFEST_DIR"), "/bench/floor_bare.c"),
];

/// The C programs, in a folder of the caller's.
pub struct Programs {
    folder: PathBuf,
}

/// A running `floor_server`; killed when dropped.
pub struct FloorServer {
    watched: Option<Watched>,
    child: Child,
    socket: PathBuf,
}

impl Programs {
    /// Builds them all in `folder`.
    pub fn build(folder: &Path) -> Result<Self, Failure> {
        let programs = Self {
            folder: folder.to_owned(),
        };
        programs.compile("floor_client.c", &programs.static_client(), &["-static"])?;
        programs.compile("floor_client.c", &programs.dynamic_client(), &[])?;
        if cfg!(target_arch = "x86_64") {
            programs.compile("floor_client.c", &programs.bare_client(), &BARE)?;
        }
        programs.compile("floor_server.c", &programs.server(), &["-static"])?;
        programs.compile("load.c", &programs.load(), &["-static"])?;
        Ok(programs)
    }

    /// The client, linked as small as C usually gets.
    pub fn static_client(&self) -> PathBuf {
        self.folder.join("floor_client")
    }

    /// The client without a C library; on x86-64 alone.
    pub fn bare_client(&self) -> PathBuf {
        self.folder.join("floor_client_bare")
    }

    /// The client, linked as C usually is.
    pub fn dynamic_client(&self) -> PathBuf {
        self.folder.join("floor_client_dynamic")
    }

    /// The load generator with its first arguments: whom to ask what.
    pub fn load_on(&self, socket: &Path) -> Command {
        let mut command = Command::new(self.load());
        command
            .arg(socket)
            .arg(self.request_file())
            .arg(self.response_file());
        command
    }

    fn server(&self) -> PathBuf {
        self.folder.join("floor_server")
    }

    fn load(&self) -> PathBuf {
        self.folder.join("load")
    }

    fn request_file(&self) -> PathBuf {
        self.folder.join("request")
    }

    fn response_file(&self) -> PathBuf {
        self.folder.join("response")
    }

    fn compile(&self, source: &str, program: &Path, options: &[&str]) -> Result<(), Failure> {
        let output = Command::new("cc")
            .args(["-std=gnu11", "-O2", "-Wall", "-Wextra"])
            .args(options)
            .arg("-o")
            .arg(program)
            .arg(Path::new(SOURCES).join(source))
            .output()
            .map_err(|error| Failure::of("cc, the C compiler, does not run", error))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Failure::of(format_args!("{source} does not compile"), said))
    }
}

impl FloorServer {
    /// Starts it, with the daemon's answer as its own, and waits until it
    /// listens.
    pub fn start(programs: &Programs, exchange: &Exchange) -> Result<Self, Failure> {
        let doing = "the C server does not start";
        let failed = |error| Failure::of(doing, error);
        fs::write(programs.request_file(), &exchange.request).map_err(failed)?;
        fs::write(programs.response_file(), &exchange.response).map_err(failed)?;
        let socket = programs.folder.join("floor_socket");
        let mut child = Command::new(programs.server())
            .arg(&socket)
            .arg(programs.response_file())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let server = Self {
            watched: Some(Watched::new(child.id())),
            child,
            socket,
        };
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(failed)?;
        match line.as_str() {
            "ready\n" => Ok(server),
            _ => Err(Failure::of(doing, "it ended")),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for FloorServer {
    fn drop(&mut self) {
        self.watched = None;
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
