//! A place of its own for one test: configuration, state and socket.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use oic_proto::place::SOCKET_VARIABLE;

use super::{binary, runner};

/// A temporary home for one daemon and its callers, removed when dropped.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    /// Where the programs meet that do not meet at the socket.
    pipe: Option<String>,
}

impl Home {
    /// A home whose configuration is `config`.
    ///
    /// # Panics
    ///
    /// When the folder cannot be made.
    pub fn new(config: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("oic-tests-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        private_folder(&folder);
        private_folder(&folder.join("run"));
        let pipe = runner::pipe();
        let home = Self { folder, pipe };
        home.carry();
        home.configure(config);
        home
    }

    /// Writes another configuration.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn configure(&self, config: &str) {
        fs::write(self.config(), config).expect("the home can be written");
    }

    /// The configuration's path.
    pub fn config(&self) -> PathBuf {
        self.folder.join("config.toml")
    }

    /// The socket's path.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("run/oic-tokend/socket")
    }

    /// The pipe at which programs of another system meet.
    ///
    /// # Panics
    ///
    /// When they are of this one.
    pub fn pipe(&self) -> &str {
        self.pipe.as_deref().expect("programs for Windows")
    }

    /// The state folder's path.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Any path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The program of this name: its copy here, or as it was built.
    pub fn program(&self, name: &str) -> PathBuf {
        let copied = self.path(name);
        match copied.exists() {
            true => copied,
            false => binary(name),
        }
    }

    /// `program` with an environment that leads nowhere but here.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = runner::command(program);
        if let Some(pipe) = &self.pipe {
            command.env(SOCKET_VARIABLE, pipe);
        }
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("XDG_RUNTIME_DIR", self.folder.join("run"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(&self.folder);
        command
    }

    /// Whoever comes to the socket gets to the pipe.
    fn carry(&self) {
        let Some(pipe) = &self.pipe else { return };
        let socket = self.socket();
        private_folder(socket.parent().expect("a socket lies in a folder"));
        #[cfg(unix)]
        super::carrier::carry(&socket, pipe);
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own clean-up.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn private_folder(folder: &Path) {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).expect("a temporary folder is made");
}
