//! No daemon, a wrong one, one that hangs or lies.

use std::io::Write;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use oic_proto::frame;
use oic_proto::message::Refusal;
use oic_proto::{Request, Response};

use crate::example;
use crate::fake_daemon::{DEADLINE, FakeDaemon, Folder, Outcome, answer, finish, wait_for_hang_up};

fn get(folder: &Folder) -> Outcome {
    folder
        .oic_token(&["get", "--timeout", "0"])
        .output()
        .unwrap()
        .into()
}

#[test]
fn where_nothing_listens_the_place_and_the_way_to_start_it_are_named() {
    let folder = Folder::new();
    let place = folder.socket().display().to_string();
    let hint = "start the oic-tokend that is to listen there";
    get(&folder).failed(4, &format!("no daemon listens at {place}"), hint);
    // What a daemon that was killed leaves behind.
    drop(UnixListener::bind(folder.socket()).unwrap());
    get(&folder).failed(4, &format!("no daemon listens at {place}"), hint);
}

#[test]
fn what_is_no_socket_is_named_with_the_reason() {
    let folder = Folder::new();
    let inside_a_file = folder.path("file/socket");
    std::fs::write(folder.path("file"), "").unwrap();
    let option = inside_a_file.to_str().unwrap();
    let get = folder
        .oic_token(&["get", "--socket", option])
        .output()
        .unwrap();
    Outcome::from(get).failed(1, option, "--socket");
}

#[test]
fn a_daemon_that_drips_is_given_up_at_the_deadline_of_the_whole_exchange() {
    let frame = frame::encode(&example::token("t")).unwrap();
    let (stop, stopped) = mpsc::channel::<()>();
    let stopped = Mutex::new(stopped);
    let daemon = FakeDaemon::playing(move |mut caller| {
        let stopped = stopped.lock().unwrap();
        for byte in frame.iter().cycle() {
            let pause = stopped.recv_timeout(Duration::from_millis(500));
            if pause != Err(mpsc::RecvTimeoutError::Timeout) || caller.write_all(&[*byte]).is_err()
            {
                return;
            }
        }
    });
    get(&daemon.folder).failed(4, "has not answered for 5 s", "restart oic-tokend");
    drop(stop);
}

#[test]
fn a_daemon_that_takes_no_callers_is_given_up_too() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, connect, listen, socket};
    let folder = Folder::new();
    let address = SocketAddrUnix::new(folder.socket()).unwrap();
    let stream = || socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    let listener = stream();
    bind(&listener, &address).unwrap();
    listen(&listener, 0).unwrap();
    let first = stream();
    connect(&first, &address).unwrap();
    get(&folder).failed(4, "has not answered for 5 s", "restart oic-tokend");
}

#[test]
fn a_hang_up_is_told_from_silence() {
    let frame = frame::encode(&example::token("t")).unwrap();
    for len in [0, 3, frame::HEADER_LEN, frame.len() - 1] {
        let daemon = FakeDaemon::sending(frame[..len].to_vec());
        get(&daemon.folder).failed(1, "hung up", "journalctl --user -u oic-tokend");
    }
}

#[test]
fn a_stranger_at_the_socket_is_told_from_a_daemon() {
    let daemon = FakeDaemon::sending(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    get(&daemon.folder).failed(1, "does not speak the oic-tokend protocol", "--socket");
}

#[test]
fn a_daemon_of_another_version_is_told_with_both_versions() {
    let refusal = b"OT\0\0\x02\0\x03\0";
    let daemon = FakeDaemon::sending(refusal.to_vec());
    let cause = "protocol versions 2 to 3, this program speaks 1";
    get(&daemon.folder).failed(1, cause, "of one version");
}

#[test]
fn a_frame_that_claims_four_gibibytes_is_refused_at_its_header() {
    let daemon = FakeDaemon::sending(b"OT\x01\0\xff\xff\xff\xff".to_vec());
    get(&daemon.folder).failed(1, "over the limit of 65536", "of one version");
}

#[test]
fn a_body_of_garbage_and_an_answer_to_another_question_are_refused() {
    let daemon = FakeDaemon::sending(b"OT\x01\0\x04\0\0\0\xff\xff\xff\xff".to_vec());
    get(&daemon.folder).failed(1, "cannot be read", "of one version");
    let daemon = FakeDaemon::answering(vec![Response::End]);
    get(&daemon.folder).failed(1, "cannot be read", "of one version");
}

#[test]
fn a_token_that_would_add_a_header_is_never_printed() {
    for token in ["", "a\r\nX-Evil: 1", "a\0b"] {
        let daemon = FakeDaemon::answering(vec![example::token(token)]);
        for format in ["token", "header", "json", "curl", "env"] {
            let get = daemon.run(&["get", "--format", format]);
            get.failed(1, "held back", "administrator");
        }
    }
}

#[test]
fn text_of_a_server_cannot_act_on_the_terminal() {
    let why = "\x1b]0;title\x07 \u{202e}rekcah\nsecond line";
    let daemon = FakeDaemon::answering(vec![Response::Refused(Refusal::LoginRequired {
        profile: "prod".to_owned(),
        why: why.to_owned(),
    })]);
    let get = daemon.run(&["get"]);
    assert_eq!(get.code, 3);
    assert_eq!(get.stderr.lines().count(), 2, "{}", get.stderr);
    assert!(!get.stderr.contains(['\x1b', '\x07', '\u{202e}']));

    let mut profile = example::profile();
    profile.subject = Some("\u{9b}31m\u{e0041}".to_owned());
    let daemon = FakeDaemon::answering(example::status(&[profile.clone()]));
    let status = daemon.run(&["status"]);
    assert!(!status.stdout.contains(['\u{9b}', '\u{e0041}']));
    let status = daemon.run(&["status", "--json"]);
    assert!(!status.stdout.contains(['\u{9b}', '\u{e0041}']));
    let json: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let subject = json["profiles"][0]["subject"].as_str();
    assert_eq!(subject, profile.subject.as_deref(), "escaped, not changed");
}

#[test]
fn a_reader_that_has_gone_is_a_quiet_end() {
    let (go, gone) = mpsc::channel::<()>();
    let gone = Mutex::new(gone);
    let daemon = FakeDaemon::playing(move |mut caller| {
        gone.lock().unwrap().recv_timeout(DEADLINE).unwrap();
        answer(&mut caller, &example::token("t"));
        wait_for_hang_up(&mut caller);
    });
    // Shut down rather than closed: a program that another test starts at this
    // moment holds a copy of every descriptor until it is on its own.
    let (reader, writer) = UnixStream::pair().unwrap();
    reader.shutdown(Shutdown::Both).unwrap();
    let mut get = daemon.folder.oic_token(&["get"]);
    let get = get.stdout(OwnedFd::from(writer)).spawn().unwrap();
    go.send(()).unwrap();
    let get = finish(get);
    assert_eq!((get.code, get.stderr.as_str()), (1, ""));
}

#[test]
fn the_whole_of_a_large_token_is_printed() {
    let long = "x".repeat(16 * 1024);
    let daemon = FakeDaemon::answering(vec![example::token(&long)]);
    assert_eq!(daemon.run(&["get"]).stdout, format!("{long}\n"));
}

#[test]
fn what_was_asked_for_is_what_the_daemon_hears() {
    let daemon = FakeDaemon::answering(vec![example::token("t")]);
    daemon.run(&[
        "get",
        "prod",
        "--min-valid",
        "900",
        "--timeout",
        "7",
        "--force",
    ]);
    assert_eq!(
        daemon.request(),
        Request::GetToken {
            profile: Some("prod".to_owned()),
            min_validity: Duration::from_secs(900),
            patience: Duration::from_secs(7),
            force: true,
        }
    );
}
