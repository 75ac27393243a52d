//! What comes over a real connection instead of a whole answer, and what the
//! core makes of it: no part of an answer ends a session or begins one.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::server::{self, Server};
use super::{Endpoint, OK, client, form, post, post_impatiently};
use crate::oauth::{Answer, TransportError, Verdict, token_grant};

const GRANT: &str = r#"{"access_token":"at-2","expires_in":60,"refresh_token":"rt-2"}"#;
const GONE: &str = r#"{"error":"invalid_grant"}"#;

/// The whole answer to a refresh, in a word.
fn means(result: Result<Answer, TransportError>) -> &'static str {
    match token_grant(result) {
        Ok(_) => "grant",
        Err(error) => match error.verdict() {
            Verdict::AskAgain => "ask again",
            Verdict::InDoubt => "in doubt",
            Verdict::Over => "over",
            Verdict::Rejected => "rejected",
        },
    }
}

/// What a server means that sends these bytes and closes the connection.
async fn meaning(bytes: Vec<u8>) -> &'static str {
    let server = Server::start(server::answer(bytes));
    let means = means(post(&server.url("/")).await);
    assert_eq!(server.requests_so_far(), 1, "sent once");
    means
}

fn with_head(head: &str, body: &str) -> Vec<u8> {
    format!("{head}\r\n\r\n{body}").into_bytes()
}

fn with_length(status: &str, body: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}", body.len());
    with_head(&head, body)
}

fn in_chunks(body: &str) -> Vec<u8> {
    let (one, two) = body.split_at(body.len() / 2);
    let chunks = [one, two, ""].map(|it| format!("{:x}\r\n{it}\r\n", it.len()));
    with_head(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        &chunks.concat(),
    )
}

fn until_the_end(status: &str, body: &str) -> Vec<u8> {
    with_head(&format!("HTTP/1.1 {status}"), body)
}

#[tokio::test]
async fn a_grant_is_one_however_it_is_sent() {
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
    let proceed = "HTTP/1.1 100 Continue\r\n\r\n";
    let whole = with_length("200 OK", GRANT);
    let behind = |head: &str| [head.as_bytes(), &whole].concat();
    let length = GRANT.len();
    for bytes in [
        whole.clone(),
        in_chunks(GRANT),
        until_the_end("200 OK", GRANT),
        with_length("200", GRANT),
        with_length("201 Created", GRANT),
        behind(proceed),
        behind(early),
        behind(&format!("{proceed}{early}{early}")),
        behind(&early.repeat(50)),
        [whole.as_slice(), &whole].concat(),
        [whole.as_slice(), b"garbage"].concat(),
        with_head(
            &format!("HTTP/1.0 200 OK\r\nContent-Length: {length}"),
            GRANT,
        ),
        with_head(
            &format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}"),
            GRANT,
        ),
        with_head(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum",
            &format!("{length:x};name=value\r\n{GRANT}\r\n0\r\nX-Sum: 1\r\n\r\n"),
        ),
    ] {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(meaning(bytes).await, "grant", "{shown}");
    }
}

#[tokio::test]
async fn what_is_no_whole_answer_leaves_the_session_in_doubt() {
    let length = GRANT.len();
    let headers = |count: usize, len: usize| {
        let line = format!("X-Filler: {}\r\n", "x".repeat(len));
        with_head(
            &format!("HTTP/1.1 200 OK\r\n{}X-Last: 1", line.repeat(count)),
            GRANT,
        )
    };
    let chunked = |chunks: String| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked";
        with_head(head, &chunks)
    };
    let of_length = |length: &str| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}");
        with_head(&head, GRANT)
    };
    for bytes in [
        Vec::new(),
        b"\r\n".to_vec(),
        GRANT.as_bytes().to_vec(),
        with_head("HTTP/1.1 100 Continue", ""),
        with_head("HTTP/1.1 103 Early Hints", ""),
        with_head("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c", GRANT),
        with_head("HTTP/2 200", GRANT),
        with_head("HTTP/1.1 OK", GRANT),
        with_head("HTTP/1.1 2000 OK", GRANT),
        with_head("HTTP/1.1 20", GRANT),
        with_head("ICY 200 OK", GRANT),
        with_head("HTTP/1.1 200 OK\r\nno colon here", GRANT),
        with_head("HTTP/1.1 200 OK\r\nX-Nul: a\0b", GRANT),
        headers(200, 10),
        headers(1, 1024 * 1024),
        of_length(&(length + 1).to_string()),
        of_length(&(length - 1).to_string()),
        of_length("0"),
        of_length("-1"),
        of_length("many"),
        of_length("99999999999999999999999999"),
        of_length(&format!("{length}\r\nContent-Length: {}", length + 1)),
        chunked(format!("{length:x}\r\n{GRANT}\r\n")),
        chunked(format!("{length:x}\r\n{GRANT}")),
        chunked(format!("{:x}\r\n{GRANT}\r\n0\r\n\r\n", length + 1)),
        chunked(format!("{:x}\r\n{GRANT}\r\n0\r\n\r\n", length - 1)),
        chunked(format!("xyz\r\n{GRANT}\r\n0\r\n\r\n")),
        chunked(format!("-1\r\n{GRANT}\r\n0\r\n\r\n")),
        chunked(format!("fffffffffffffffff\r\n{GRANT}\r\n0\r\n\r\n")),
        chunked(GRANT.to_owned()),
        until_the_end("200 OK", &GRANT[..length - 1]),
        until_the_end("204 No Content", GRANT),
        with_length("206 Partial Content", &GRANT[10..]),
        gzipped("200 OK"),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
        assert_eq!(meaning(bytes).await, "in doubt", "{shown}");
    }
}

/// An empty JSON object, compressed though nobody asked for it.
fn gzipped(status: &str) -> Vec<u8> {
    let body = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0";
    let head = format!("HTTP/1.1 {status}\r\nContent-Encoding: gzip");
    let head = format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn an_error_counts_only_whole() {
    let of_length = |length: usize| {
        let head = format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {length}");
        with_head(&head, GONE)
    };
    for (bytes, expected) in [
        (with_length("400 Bad Request", GONE), "over"),
        (with_length("401 Unauthorized", GONE), "over"),
        (until_the_end("400 Bad Request", GONE), "over"),
        (of_length(GONE.len() + 1), "in doubt"),
        (of_length(GONE.len() - 1), "ask again"),
        (of_length(0), "ask again"),
        (gzipped("400 Bad Request"), "ask again"),
        (with_length("500 Internal Server Error", GONE), "in doubt"),
        (with_length("429 Too Many Requests", GONE), "ask again"),
    ] {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(meaning(bytes).await, expected, "{shown}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_none_uses_anything_up() {
    for status in ["301", "302", "303", "307", "308"] {
        for location in [
            "",
            "Location: /token\r\n",
            "Location: http://127.0.0.1:9/\r\n",
            "Location: https://portal.example.net/\r\n",
            "Location: ::no uri::\r\n",
            "Location: /a\r\nLocation: /b\r\n",
        ] {
            let head = format!("HTTP/1.1 {status} Moved\r\n{location}Content-Length: ");
            let bytes = with_head(&format!("{head}{}", GONE.len()), GONE);
            assert_eq!(meaning(bytes).await, "ask again", "{status} {location}");
        }
    }
}

/// How a server leaves in the middle of its answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Farewell {
    /// It closes the connection.
    Close,
    /// It is gone: the connection is reset.
    Reset,
}

/// What the parts of an answer mean, from none of it to all of it.
async fn meanings_of_parts(whole: Vec<u8>, farewell: Farewell) -> Vec<&'static str> {
    let mut len = 0;
    let answer = whole.clone();
    let server = Server::start(move |stream: &mut TcpStream| {
        stream.write_all(&answer[..len]).unwrap();
        len += 1;
        if farewell == Farewell::Reset {
            server::reset(stream);
        }
    });
    let (endpoint, url, client) = (Endpoint::new(None), server.url("/"), client(None));
    let mut meanings = Vec::new();
    for _ in 0..=whole.len() {
        let answer = endpoint.post(&url, Some(&client), form()).await;
        meanings.push(means(answer));
    }
    meanings
}

/// Both ways of leaving, at each byte: only the whole answer means `whole`,
/// each part of it one of `parts`.
async fn check_every_cut(answer: Vec<u8>, parts: &[&str], whole: &str) {
    for farewell in [Farewell::Close, Farewell::Reset] {
        let mut meanings = meanings_of_parts(answer.clone(), farewell).await;
        let last = meanings.pop().unwrap();
        // Whether a reset overtakes the last bytes, the system decides.
        let overtaken = farewell == Farewell::Reset && last == "in doubt";
        assert!(
            last == whole || overtaken,
            "{farewell:?} at the end: {last}"
        );
        for (len, meaning) in meanings.into_iter().enumerate() {
            assert!(parts.contains(&meaning), "{farewell:?} at {len}: {meaning}");
        }
    }
}

#[tokio::test]
async fn a_grant_that_is_cut_off_at_any_byte_leaves_the_session_in_doubt() {
    check_every_cut(with_length("200 OK", GRANT), &["in doubt"], "grant").await;
}

#[tokio::test]
async fn a_grant_in_chunks_that_is_cut_off_at_any_byte_leaves_the_session_in_doubt() {
    check_every_cut(in_chunks(GRANT), &["in doubt"], "grant").await;
}

#[tokio::test]
async fn a_grant_without_a_length_that_is_cut_off_at_any_byte_leaves_the_session_in_doubt() {
    check_every_cut(until_the_end("200 OK", GRANT), &["in doubt"], "grant").await;
}

#[tokio::test]
async fn an_error_that_is_cut_off_at_any_byte_ends_no_session() {
    let answer = with_length("400 Bad Request", GONE);
    check_every_cut(answer, &["in doubt"], "over").await;
}

/// Where the end of the connection is the end of the answer, a part of it is
/// an answer that cannot be read.
#[tokio::test]
async fn an_error_without_a_length_that_is_cut_off_at_any_byte_ends_no_session() {
    let answer = until_the_end("400 Bad Request", GONE);
    check_every_cut(answer, &["in doubt", "ask again"], "over").await;
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_wherever_it_is() {
    for start in [0, 1, 20, OK.len() - 2] {
        let server = Server::start(move |stream: &mut TcpStream| {
            let (at_once, drop_by_drop) = OK.as_bytes().split_at(start);
            stream.write_all(at_once).unwrap();
            for byte in drop_by_drop.iter().cycle() {
                if hung_up_within(stream, Duration::from_millis(50)) {
                    return;
                }
                // The other side may hang up just now.
                let _ = stream.write_all(&[*byte]);
            }
        });
        let answer = post_impatiently(&server.url("/")).await;
        assert_eq!(means(answer), "in doubt", "from byte {start}");
    }
}

/// Whether the other side hangs up before so much time has passed.
fn hung_up_within(stream: &mut TcpStream, time: Duration) -> bool {
    stream.set_read_timeout(Some(time)).unwrap();
    match stream.read(&mut [0]) {
        Ok(len) => len == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[tokio::test]
async fn interim_answers_without_end_are_given_up() {
    let server = Server::start(|stream: &mut TcpStream| {
        let early = b"HTTP/1.1 103 Early Hints\r\n\r\n";
        while !hung_up_within(stream, Duration::from_millis(5)) {
            let _ = stream.write_all(early);
        }
    });
    let answer = post_impatiently(&server.url("/")).await;
    assert_eq!(means(answer), "in doubt");
}

#[tokio::test]
async fn a_server_that_answers_before_it_was_asked_may_have_been_asked() {
    let server = Server::start_unasked(|stream: &mut TcpStream| {
        stream
            .write_all(&with_length("408 Request Timeout", ""))
            .unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // Until the other side has read it.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let meaning = means(post(&server.url("/")).await);
    assert!(["ask again", "in doubt"].contains(&meaning), "{meaning}");
}
