//! Tests of the soak itself: what it throws, what it reads, what it counts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::{Refusal, TokenView, UnixTime};
use oic_proto::secret::AccessToken;

use crate::caller::Seen;
use crate::clock;
use crate::dice::Dice;
use crate::gate::Gate;
use crate::http_message::HttpMessage;
use crate::turn::{Cut, Grant, Kill, Trouble, Turn};

const REQUEST: &[u8] = b"POST /token HTTP/1.1\r\nhost: x\r\nContent-Length: 7\r\n\r\na=1&b=2";
const ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}";

fn turns(seed: u64, count: usize) -> Vec<Turn> {
    let mut dice = Dice::new(seed);
    (0..count).map(|_| Turn::throw(&mut dice)).collect()
}

#[test]
fn the_same_seed_gives_the_same_turns_and_another_gives_others() {
    assert_eq!(turns(7, 200), turns(7, 200));
    assert_ne!(turns(7, 200), turns(8, 200));
}

#[test]
fn everything_bad_happens_in_two_hundred_turns() {
    for seed in 0..20 {
        let turns = turns(seed, 200);
        let met = |trouble: &dyn Fn(&Trouble) -> bool| {
            turns.iter().flat_map(|turn| &turn.troubles).any(trouble)
        };
        for cut in Cut::ALL {
            assert!(met(&|it| *it == Trouble::Cut(cut)), "{seed}: {cut}");
        }
        for kill in [
            Kill::IntentStored,
            Kill::Connected,
            Kill::Held,
            Kill::Pausing,
        ] {
            assert!(met(&|it| *it == Trouble::Kill(kill)), "{seed}: {kill:?}");
        }
        assert!(met(&|it| matches!(it, Trouble::Kill(Kill::Idle(_)))));
        assert!(met(&|it| matches!(it, Trouble::Kill(Kill::Starting(_)))));
        for grant in [Grant::KilledOnceStored, Grant::Terminated] {
            assert!(turns.iter().any(|turn| turn.grant == grant), "{seed}");
        }
    }
}

#[test]
fn an_intent_is_waited_for_only_where_nothing_else_is_written_first() {
    let intent = Trouble::Kill(Kill::IntentStored);
    for turn in turns(3, 2000) {
        assert!(!turn.troubles.iter().skip(1).any(|it| *it == intent));
    }
}

#[test]
fn a_message_ends_where_its_length_says() {
    let mut bytes = ANSWER.to_vec();
    bytes.extend_from_slice(b"more");
    let message = HttpMessage::read(&bytes[..]).unwrap();
    assert_eq!(message.0, ANSWER);
    assert_eq!(message.status(), Some(400));
    assert!(HttpMessage::read(&ANSWER[..ANSWER.len() - 1]).is_err());
    assert!(HttpMessage::read(&b"HTTP/1.1 200 OK\r\n\r\n"[..]).is_err());
}

/// A server that tells what reached it, and whether that was a whole message.
fn server() -> (Gate, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gate = Gate::to(listener.local_addr().unwrap()).unwrap();
    (gate, listener)
}

fn ask(gate: &Gate) -> TcpStream {
    let mut daemon = TcpStream::connect(("127.0.0.1", gate.port())).unwrap();
    daemon.write_all(REQUEST).unwrap();
    daemon
}

#[test]
fn nothing_goes_through_the_gate_by_itself_and_a_request_that_is_passed_on_does_whole() {
    let (gate, server) = server();
    let mut daemon = ask(&gate);
    let held = gate.next().unwrap().read().unwrap();
    server.set_nonblocking(true).unwrap();
    assert!(server.accept().is_err(), "the server knows of the request");
    server.set_nonblocking(false).unwrap();
    let answering = std::thread::spawn(move || {
        let (mut connection, _) = server.accept().unwrap();
        let request = HttpMessage::read(&connection).unwrap();
        connection.write_all(ANSWER).unwrap();
        request.0
    });
    let answered = held.pass_on().unwrap();
    assert_eq!(answering.join().unwrap(), REQUEST);
    assert_eq!(answered.refusal().as_deref(), Some("HTTP 400: {}"));
    answered.give().unwrap();
    let mut heard = Vec::new();
    daemon.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, ANSWER);
}

#[test]
fn half_a_request_is_all_that_the_server_gets_when_it_is_cut_half_way() {
    let (gate, server) = server();
    let _daemon = ask(&gate);
    gate.next()
        .unwrap()
        .read()
        .unwrap()
        .reset_half_way()
        .unwrap();
    let (connection, _) = server.accept().unwrap();
    assert!(HttpMessage::read(&connection).is_err());
}

#[test]
fn a_gate_that_refuses_listens_again_on_the_same_port() {
    let (gate, _server) = server();
    gate.refuse().unwrap();
    let refused = TcpStream::connect(("127.0.0.1", gate.port()));
    assert_eq!(
        refused.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionRefused
    );
    gate.listen().unwrap();
    let _daemon = ask(&gate);
    gate.next().unwrap().read().unwrap();
}

fn token(text: &str, seconds: u64) -> Option<Response> {
    Some(Response::Token(TokenView {
        access_token: AccessToken::new(text.to_owned()),
        profile: "real".to_owned(),
        scopes: Vec::new(),
        expires_at: UnixTime(0),
        expires_in: Duration::from_secs(seconds),
        hosts: Vec::new(),
    }))
}

#[test]
fn a_caller_is_without_a_token_from_the_end_of_one_to_the_next() {
    let began = clock::now();
    let at = |seconds| began + Duration::from_secs(seconds);
    let mut seen = Seen::default();
    seen.note(token("a", 4), at(0));
    seen.note(None, at(3));
    seen.note(token("a", 1), at(3));
    seen.note(None, at(7));
    seen.note(token("b", 4), at(9));
    seen.note(token("c", 4), at(11));
    assert_eq!(seen.longest_without, Duration::from_secs(5));
    assert_eq!((seen.asked, seen.tokens), (6, 3));
    assert_eq!(seen.login_required, None);
    let profile = "real".to_owned();
    let why = "over".to_owned();
    seen.note(
        Some(Response::Refused(Refusal::LoginRequired { profile, why })),
        at(12),
    );
    assert_eq!(seen.login_required.as_deref(), Some("over"));
}
