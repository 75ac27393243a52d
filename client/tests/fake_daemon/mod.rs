//! A daemon that says what a test wants, to the real `oic-token`.

use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::{Request, Response};

/// Longest wait of a test for anything.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A folder for one test, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("oic-token-test-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let mut builder = std::fs::DirBuilder::new();
        builder.mode(0o700).create(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn socket(&self) -> PathBuf {
        self.path("socket")
    }

    /// `oic-token` with an environment that leads nowhere but here.
    pub fn oic_token(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(oic_token());
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("OIC_TOKEND_SOCKET", self.socket())
            .env("XDG_RUNTIME_DIR", &self.0)
            .env("TZ", "UTC")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// The program under test: that of a folder, where `$OIC_TEST_PROGRAMS` names one.
fn oic_token() -> PathBuf {
    match std::env::var_os("OIC_TEST_PROGRAMS") {
        Some(folder) => Path::new(&folder).join("oic-token"),
        None => env!("CARGO_BIN_EXE_oic-token").into(),
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own clean-up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The fake daemon; it serves callers until the tests end.
pub struct FakeDaemon {
    pub folder: Folder,
    requests: Receiver<Request>,
}

impl FakeDaemon {
    /// One that reads each caller's request and then plays `part`.
    pub fn playing(part: impl Fn(UnixStream) + Send + 'static) -> Self {
        let folder = Folder::new();
        let listener = UnixListener::bind(folder.socket()).unwrap();
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for caller in listener.incoming() {
                let mut caller = caller.unwrap();
                // A test that is over listens no more.
                let _ = sender.send(read_request(&mut caller));
                part(caller);
            }
        });
        Self { folder, requests }
    }

    /// One that answers with `responses` and waits for the caller to hang up.
    pub fn answering(responses: Vec<Response>) -> Self {
        Self::playing(move |mut caller| {
            for response in &responses {
                answer(&mut caller, response);
            }
            wait_for_hang_up(&mut caller);
        })
    }

    /// One that answers each caller in turn with its own responses.
    pub fn answering_in_turn(turns: Vec<Vec<Response>>) -> Self {
        let turns = std::sync::Mutex::new(turns.into_iter());
        Self::playing(move |mut caller| {
            let responses = turns.lock().unwrap().next().unwrap_or_default();
            for response in &responses {
                answer(&mut caller, response);
            }
            wait_for_hang_up(&mut caller);
        })
    }

    /// One that answers with these bytes and hangs up.
    pub fn sending(bytes: Vec<u8>) -> Self {
        Self::playing(move |mut caller| {
            // The caller may hang up at the first bytes.
            let _ = caller.write_all(&bytes);
        })
    }

    /// Runs `oic-token` to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.folder.oic_token(arguments).output().unwrap().into()
    }

    /// The request of the next caller.
    pub fn request(&self) -> Request {
        self.requests.recv_timeout(DEADLINE).unwrap()
    }
}

fn read_request(caller: &mut UnixStream) -> Request {
    let mut header = [0; HEADER_LEN];
    caller.read_exact(&mut header).unwrap();
    let mut body = vec![0; frame::body_len::<Request>(&header).unwrap()];
    caller.read_exact(&mut body).unwrap();
    frame::decode(&body).unwrap()
}

pub fn answer(caller: &mut UnixStream, response: &Response) {
    // The caller may have heard enough.
    let _ = caller.write_all(&frame::encode(response).unwrap());
}

pub fn wait_for_hang_up(caller: &mut UnixStream) {
    // Whatever ends the connection ends the wait.
    let _ = caller.read(&mut [0]);
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// Fails unless the command failed so, with a message and a hint that
    /// hold these texts, and nothing on stdout.
    #[track_caller]
    pub fn failed(&self, code: i32, cause: &str, hint: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        let mut lines = self.stderr.lines();
        let mut next = |start: &str, text: &str| {
            let line = lines.next().unwrap_or_default();
            assert!(line.starts_with(start) && line.contains(text), "{self:?}");
        };
        next("oic-token: error: ", cause);
        next("oic-token: hint: ", hint);
    }
}

/// The end of a command that runs beside the test.
pub fn finish(child: Child) -> Outcome {
    child.wait_with_output().unwrap().into()
}

/// Whether anything is in this folder but the socket.
pub fn is_clean(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().file_name());
    names.all(|name| name == "socket")
}
