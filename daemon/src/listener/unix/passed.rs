//! Socket activation (`sd_listen_fds(3)`).

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, sockopt};

use super::Error;
use crate::fd_store::{self, Memory};

/// What systemd calls the socket for callers from elsewhere
/// (`FileDescriptorName=` in `systemd.socket(5)`).
const FORWARD: &str = "forward";

/// Likewise that for credentials of units; by any other name it is the first.
const CREDENTIALS: &str = "credentials";

/// Callers that may wait at one socket: `net.core.somaxconn`, as Linux has it.
const QUEUE_MAX: usize = 4096;

/// A socket that systemd listens on for us, and its name in the file system.
pub(super) type Passed = (OwnedFd, PathBuf);

/// The sockets that systemd passed.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    pub(super) here: Option<Passed>,
    pub(super) forward: Option<Passed>,
    pub(super) credentials: Option<Passed>,
    /// Sessions that were kept for us, and no sockets.
    pub(super) kept: Vec<(String, Memory)>,
}

impl Sockets {
    fn all(self) -> impl Iterator<Item = Passed> {
        [self.here, self.forward, self.credentials]
            .into_iter()
            .flatten()
    }
}

/// The sockets that systemd listens on for us. Must be called once.
pub(super) fn by_systemd() -> Result<Sockets, Error> {
    let descriptors = sd_notify::listen_fds_with_names()
        .map_err(|error| Error::Passed(format!("descriptors that cannot be read ({error})")))?;
    let mut sockets = Sockets::default();
    for (descriptor, name) in descriptors {
        if fd_store::is_ours(&name) {
            sockets.kept.push((name, own(descriptor).into()));
            continue;
        }
        let place = match name.as_str() {
            FORWARD => &mut sockets.forward,
            CREDENTIALS => &mut sockets.credentials,
            _ => &mut sockets.here,
        };
        let passed = socket(own(descriptor))?;
        if place.replace(passed).is_some() {
            return Err(Error::Passed(format!("two sockets named {name:?}")));
        }
    }
    Ok(sockets)
}

/// Hangs up on everybody who waits at the sockets that systemd passed: for a
/// daemon that will not serve, and whose next start would not either. Were they
/// left waiting, systemd would make that start at once, and again. To be called
/// instead of listening.
pub fn hang_up_on_all() {
    for (socket, _) in by_systemd().into_iter().flat_map(Sockets::all) {
        if rustix::io::ioctl_fionbio(&socket, true).is_err() {
            continue;
        }
        for _ in 0..QUEUE_MAX {
            if rustix::net::accept(&socket).is_err() {
                break;
            }
        }
    }
}

/// The one place where a number becomes a descriptor.
#[expect(unsafe_code, reason = "systemd passes descriptors as numbers")]
fn own(descriptor: RawFd) -> OwnedFd {
    // SAFETY: `sd_notify::listen_fds` has just set a flag on this descriptor,
    // so it is open; systemd opened it for this process ($LISTEN_PID is
    // checked) and nothing else here knows of it.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

fn socket(descriptor: OwnedFd) -> Result<Passed, Error> {
    if !is_listening_stream(descriptor.as_fd()).unwrap_or(false) {
        return Err(Error::Passed("another kind of descriptor".to_owned()));
    }
    let address = rustix::net::getsockname(&descriptor)
        .and_then(SocketAddrUnix::try_from)
        .map_err(|error| Error::Passed(format!("a socket without a name ({error})")))?;
    let Some(path) = address.path_bytes() else {
        return Err(Error::Passed("a socket without a path".to_owned()));
    };
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(path));
    Ok((descriptor, path))
}

fn is_listening_stream(socket: impl AsFd) -> io::Result<bool> {
    Ok(sockopt::socket_domain(&socket)? == AddressFamily::UNIX
        && sockopt::socket_type(&socket)? == SocketType::STREAM
        && sockopt::socket_acceptconn(&socket)?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    use std::path::Path;
    use std::process::{Command, Stdio};

    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::listener::{Beside, Listeners};
    use crate::testbed::{Running, Scratch, alone, is_alone};

    fn refusal(descriptor: impl Into<OwnedFd>) -> String {
        socket(descriptor.into()).unwrap_err().to_string()
    }

    #[test]
    fn only_a_listening_unix_stream_socket_will_do() {
        let scratch = Scratch::new();
        let place = scratch.path().join("socket");
        let listening = UnixListener::bind(&place).unwrap();
        let (_, named) = socket(listening.into()).unwrap();
        assert_eq!(named, place);

        let wrong = "systemd passed another kind of descriptor, \
                     not one listening Unix stream socket\n\
                     hint: the .socket unit needs one 'ListenStream=/PATH'";
        assert_eq!(refusal(UnixStream::pair().unwrap().0), wrong);
        assert_eq!(refusal(UnixDatagram::unbound().unwrap()), wrong);
        assert_eq!(refusal(fs::File::open("/dev/null").unwrap()), wrong);
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(refusal(tcp), wrong);
    }

    #[tokio::test]
    #[ignore = "run alone by the tests below, which pass it sockets"]
    async fn answers_one_caller_at_each() {
        if !is_alone() {
            return;
        }
        let option = Some(PathBuf::from("/nonexistent/socket"));
        let listeners = Listeners::bind(option, &|_| None, Beside::default()).unwrap();
        let beside = [listeners.forward, listeners.credentials];
        for mut listener in [Some(listeners.here)].into_iter().chain(beside).flatten() {
            let mut connection = listener.accept().await.unwrap();
            let place = listener.place().as_os_str().as_encoded_bytes();
            connection.write_all(place).await.unwrap();
        }
    }

    /// Starts the test above as systemd does: the sockets are descriptors 3 and
    /// on.
    fn activate(names: &str, sockets: [Option<&UnixListener>; 2]) -> Running {
        let child = alone("listener::unix::passed::tests::answers_one_caller_at_each");
        let count = sockets.iter().flatten().count();
        let script = format!(
            "LISTEN_PID=$$ LISTEN_FDS={count} {names} exec \"$0\" \"$@\" 3<&0 4<&1 \
             </dev/null >/dev/null"
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(child.get_program());
        shell.args(child.get_args());
        shell.envs(
            child
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let passed = |socket: Option<&UnixListener>| match socket {
            Some(socket) => Stdio::from(OwnedFd::from(socket.try_clone().unwrap())),
            None => Stdio::null(),
        };
        shell.stdin(passed(sockets[0])).stdout(passed(sockets[1]));
        Running(shell.spawn().unwrap())
    }

    fn said_at(place: &Path) -> String {
        let mut answer = String::new();
        let mut caller = UnixStream::connect(place).unwrap();
        caller.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_passed_socket_comes_before_any_other_place_and_stays() {
        let scratch = Scratch::new();
        let place = scratch.path().join("socket");
        let listening = UnixListener::bind(&place).unwrap();
        let mut running = activate("", [Some(&listening), None]);
        assert_eq!(said_at(&place), place.to_str().unwrap());
        assert!(running.0.wait().unwrap().success());
        assert!(place.exists());
    }

    #[test]
    fn a_socket_that_is_called_forward_or_credentials_is_not_taken_for_the_first() {
        for name in [FORWARD, CREDENTIALS] {
            let scratch = Scratch::new();
            let (here, beside) = (scratch.path().join("here"), scratch.path().join("there"));
            let other = UnixListener::bind(&beside).unwrap();
            let main = UnixListener::bind(&here).unwrap();
            let names = format!("LISTEN_FDNAMES={name}:socket");
            let mut running = activate(&names, [Some(&other), Some(&main)]);
            // In this order they are answered.
            assert_eq!(said_at(&here), here.to_str().unwrap());
            assert_eq!(said_at(&beside), beside.to_str().unwrap());
            assert!(running.0.wait().unwrap().success());
        }
    }

    #[test]
    fn two_sockets_of_one_kind_are_refused() {
        let scratch = Scratch::new();
        let bind = |name: &str| UnixListener::bind(scratch.path().join(name)).unwrap();
        let names = "LISTEN_FDNAMES=socket:socket";
        let mut running = activate(names, [Some(&bind("one")), Some(&bind("two"))]);
        assert!(!running.0.wait().unwrap().success());
    }
}
