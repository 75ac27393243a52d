use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::testbed::{Scratch, in_time, mode, set_mode};

const NOTHING_SET: Environment<'static> = &|_| None;

fn bind(place: &Path) -> Result<Listener, Error> {
    Ok(Listeners::bind(Some(place.to_owned()), NOTHING_SET, Beside::default())?.here)
}

fn refusal(place: &Path) -> String {
    bind(place).unwrap_err().to_string()
}

#[tokio::test]
async fn the_socket_is_for_its_owner_alone_in_a_folder_that_is_too() {
    let scratch = Scratch::new();
    let place = scratch.path().join("run/oic-tokend/socket");
    let listener = bind(&place).unwrap();
    assert_eq!(mode(&place), 0o600);
    assert_eq!(mode(place.parent().unwrap()), 0o700);
    assert_eq!(listener.place(), place);
}

#[tokio::test]
async fn a_caller_is_known_and_heard_and_answered() {
    let scratch = Scratch::new();
    let mut listener = bind(&scratch.path().join("socket")).unwrap();
    let mut caller = UnixStream::connect(listener.place()).unwrap();
    let mut connection = listener.accept().await.unwrap();
    let peer = connection.peer().unwrap();
    assert_eq!(peer.uid, rustix::process::geteuid().as_raw());
    assert_eq!(peer.pid, Some(std::process::id()));
    let own_group = rustix::process::getegid().as_raw();
    assert!(peer.groups.contains(&own_group));

    caller.write_all(b"ping").unwrap();
    let mut heard = [0; 4];
    connection.read_exact(&mut heard).await.unwrap();
    connection.write_all(&heard).await.unwrap();
    caller.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"ping");
}

#[tokio::test]
async fn the_environment_names_the_place_where_no_option_does() {
    let scratch = Scratch::new();
    let runtime = scratch.path().join("runtime");
    let environment =
        |name: &str| (name == "XDG_RUNTIME_DIR").then(|| OsString::from(runtime.as_os_str()));
    let listener = Listeners::bind(None, &environment, Beside::default())
        .unwrap()
        .here;
    assert_eq!(listener.place(), runtime.join("oic-tokend/socket"));
}

#[tokio::test]
async fn without_any_place_the_option_is_named() {
    let unbound = Listeners::bind(None, NOTHING_SET, Beside::default());
    let error = unbound.unwrap_err().to_string();
    assert!(error.contains("$XDG_RUNTIME_DIR"), "{error}");
    assert!(
        error.contains("hint: name one with '--socket PATH'"),
        "{error}"
    );
}

#[tokio::test]
async fn a_folder_in_which_others_may_write_is_refused_with_the_repair() {
    let scratch = Scratch::new();
    let folder = scratch.path().display();
    let closed = format!("run 'chmod go-w {folder}'");
    // A sticky folder is shared on purpose, like /tmp: nobody should close it.
    let elsewhere = "choose a directory of your own".to_owned();
    for (loose, hint) in [(0o770, &closed), (0o702, &closed), (0o1777, &elsewhere)] {
        set_mode(scratch.path(), loose);
        let expected = format!(
            "{folder} is open to other users (mode {loose:04o}): \
             they could put a socket of their own there\nhint: {hint}"
        );
        assert_eq!(refusal(&scratch.path().join("socket")), expected);
    }
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    set_mode(scratch.path(), 0o755);
    bind(&scratch.path().join("socket")).unwrap();
}

#[tokio::test]
async fn a_second_daemon_is_told_the_first_ones_process() {
    let scratch = Scratch::new();
    let place = scratch.path().join("socket");
    let first = bind(&place).unwrap();
    let expected = format!(
        "another oic-tokend is running as process {}: it holds {}.lock",
        std::process::id(),
        place.display()
    );
    assert_eq!(refusal(&place), expected);
    UnixStream::connect(&place).expect("the first one goes on listening");
    drop(first);
    bind(&place).unwrap();
}

#[tokio::test]
async fn what_a_killed_daemon_left_behind_is_replaced() {
    let scratch = Scratch::new();
    let place = scratch.path().join("socket");
    drop(UnixListener::bind(&place).unwrap());
    assert!(place.exists());
    let mut listener = bind(&place).unwrap();
    UnixStream::connect(&place).unwrap();
    listener.accept().await.unwrap();
}

#[tokio::test]
async fn another_programs_live_socket_is_left_alone() {
    let scratch = Scratch::new();
    let place = scratch.path().join("socket");
    let other = UnixListener::bind(&place).unwrap();
    let expected = format!("another program is listening on {}", place.display());
    assert_eq!(refusal(&place), expected);
    other.accept().expect("the probe was a call like any other");
    UnixStream::connect(&place).expect("its socket is still there");
}

#[tokio::test]
async fn a_live_socket_too_busy_to_answer_is_left_alone() {
    let scratch = Scratch::new();
    let place = scratch.path().join("socket");
    let other = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&other, &SocketAddrUnix::new(&place).unwrap()).unwrap();
    rustix::net::listen(&other, 0).unwrap();
    let _queued = UnixStream::connect(&place).unwrap();
    let expected = format!("another program is listening on {}", place.display());
    assert_eq!(in_time(move || refusal(&place)), expected);
}

#[tokio::test]
async fn a_file_in_the_sockets_place_is_not_removed() {
    let scratch = Scratch::new();
    let place = scratch.file("socket", "precious", 0o600);
    let error = refusal(&place);
    assert!(
        error.contains("exists and is not a socket\nhint: run 'rm "),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&place).unwrap(), "precious");
}

#[tokio::test]
async fn a_path_longer_than_a_socket_can_have_is_named_so() {
    let scratch = Scratch::new();
    let place = scratch.path().join("s".repeat(SOCKET_PATH_LEN_MAX));
    let error = refusal(&place);
    assert!(error.contains(" is longer than the "), "{error}");
    assert!(error.contains("hint: name a shorter one"), "{error}");
}

#[tokio::test]
async fn the_socket_goes_with_the_daemon() {
    let scratch = Scratch::new();
    let place = scratch.path().join("socket");
    drop(bind(&place).unwrap());
    assert!(!place.exists());
}

#[tokio::test]
async fn somebody_elses_socket_of_that_name_does_not_go_with_the_daemon() {
    let scratch = Scratch::new();
    let place = scratch.path().join("socket");
    let listener = bind(&place).unwrap();
    // Before the removal, so that it cannot get the inode of the first.
    let others = scratch.path().join("others");
    let _other = UnixListener::bind(&others).unwrap();
    fs::rename(&others, &place).unwrap();
    drop(listener);
    assert!(place.exists());
}
