//! Socket activation (`sd_listen_fds(3)`).

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, sockopt};

use super::Error;

/// The socket that systemd listens on for us, and its name; `None` where
/// there is none. Must be called once.
pub(super) fn by_systemd() -> Result<Option<(OwnedFd, PathBuf)>, Error> {
    let descriptors = sd_notify::listen_fds()
        .map_err(|error| Error::Passed(format!("descriptors that cannot be read ({error})")))?;
    match Vec::from_iter(descriptors).as_slice() {
        [] => Ok(None),
        &[descriptor] => socket(own(descriptor)).map(Some),
        several => Err(Error::Passed(format!("{} descriptors", several.len()))),
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

fn socket(descriptor: OwnedFd) -> Result<(OwnedFd, PathBuf), Error> {
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
    use std::process::{Command, Stdio};

    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::listener::Listener;
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
    #[ignore = "run alone by the test below, which passes it a socket"]
    async fn answers_one_caller() {
        if !is_alone() {
            return;
        }
        let option = Some(PathBuf::from("/nonexistent/socket"));
        let mut listener = Listener::bind(option, &|_| None).unwrap();
        let mut connection = listener.accept().await.unwrap();
        let place = listener.place().as_os_str().as_encoded_bytes();
        connection.write_all(place).await.unwrap();
    }

    /// Starts `child` as systemd does: the socket is descriptor 3.
    fn activate(child: &Command, socket: UnixListener) -> Running {
        let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 </dev/null";
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(child.get_program());
        shell.args(child.get_args());
        shell.envs(
            child
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        shell.stdin(Stdio::from(OwnedFd::from(socket)));
        shell.stdout(Stdio::null());
        Running(shell.spawn().unwrap())
    }

    #[test]
    fn a_passed_socket_comes_before_any_other_place_and_stays() {
        let scratch = Scratch::new();
        let place = scratch.path().join("socket");
        let listening = UnixListener::bind(&place).unwrap();
        let child = alone("listener::unix::passed::tests::answers_one_caller");
        let mut running = activate(&child, listening);
        let mut answer = String::new();
        let mut caller = UnixStream::connect(&place).unwrap();
        caller.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, place.to_str().unwrap());
        assert!(running.0.wait().unwrap().success());
        assert!(place.exists());
    }
}
