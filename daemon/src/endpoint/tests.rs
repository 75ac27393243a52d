mod answers;
mod egress;
mod server;
mod tls;
mod way;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use oic_proto::Secret;

use super::*;
use crate::config::ClientSecret;
use crate::testbed::Scratch;
use server::{Server, answer};

/// Longer than anything on loopback takes, shorter than a person notices.
const SHORT: Duration = Duration::from_millis(250);

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

fn endpoint() -> Endpoint {
    Endpoint::new(None)
}

/// Posts with little patience, and sees that it is kept.
async fn post_impatiently(url: &Url) -> Result<Answer, TransportError> {
    let endpoint = Endpoint {
        patience: Patience {
            connect: SHORT,
            request: 2 * SHORT,
        },
        ..endpoint()
    };
    let client = client(None);
    let request = endpoint.post(url, Some(&client), form());
    tokio::time::timeout(20 * SHORT, request).await.unwrap()
}

fn client(secret: Option<&str>) -> Client {
    Client {
        id: "tool 1".to_owned(),
        secret: secret.map(|secret| ClientSecret {
            secret: Secret::new(secret.to_owned()),
            file: PathBuf::new(),
        }),
    }
}

fn form() -> Form {
    let field = |name: &str, value: &str| (name.to_owned(), Secret::new(value.to_owned()));
    Form(vec![
        field("grant_type", "refresh_token"),
        field("refresh_token", "REFRESH+TOKEN/ä="),
    ])
}

async fn post(url: &Url) -> Result<Answer, TransportError> {
    endpoint().post(url, Some(&client(None)), form()).await
}

#[track_caller]
fn unanswered(result: Result<Answer, TransportError>) -> String {
    match result {
        Err(TransportError::Unanswered(why)) => tells_nothing(why),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn not_sent(result: Result<Answer, TransportError>) -> String {
    match result {
        Err(TransportError::NotSent(why)) => tells_nothing(why),
        other => panic!("{other:?}"),
    }
}

/// No error holds anything of the form or of the answer, or a second line.
#[track_caller]
fn tells_nothing(why: String) -> String {
    assert!(!why.contains("REFRESH") && !why.contains("BODY"), "{why}");
    assert_eq!(why.lines().count(), 1, "{why}");
    why
}

#[tokio::test]
async fn the_form_arrives_as_the_core_wrote_it() {
    let server = Server::start(answer(OK));
    post(&server.url("/token?tenant=a")).await.unwrap();
    let request = server.request();
    assert!(
        request.starts_with("POST /token?tenant=a HTTP/1.1\r\n"),
        "{request}"
    );
    let version = env!("CARGO_PKG_VERSION");
    for header in [
        "accept: application/json",
        "accept-encoding: identity",
        "content-type: application/x-www-form-urlencoded",
        &format!("user-agent: oic-tokend/{version}"),
    ] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{request}");
    }
    assert!(!request.contains("authorization:"), "{request}");
    let body = "\r\n\r\ngrant_type=refresh_token&refresh_token=REFRESH%2BTOKEN%2F%C3%A4%3D";
    assert!(request.ends_with(body), "{request}");
}

#[tokio::test]
async fn a_client_with_a_secret_authenticates_by_basic() {
    let server = Server::start(answer(OK));
    let client = client(Some("s:e c%"));
    endpoint()
        .post(&server.url("/"), Some(&client), form())
        .await
        .unwrap();
    // RFC 6749 §2.3.1: base64 of "tool+1:s%3Ae+c%25".
    let header = "\r\nauthorization: Basic dG9vbCsxOnMlM0FlK2MlMjU=\r\n";
    let request = server.request();
    assert!(request.contains(header), "{request}");
    assert!(!request.contains("client_"), "{request}");
}

#[tokio::test]
async fn the_answer_is_handed_on_whole_whatever_its_status() {
    let server = Server::start(answer(concat!(
        "HTTP/1.1 429 Too Many Requests\r\n",
        "Content-Type: application/json;charset=UTF-8\r\n",
        "Retry-After: 7\r\n",
        "Date: Mon, 23 Nov 2026 21:00:00 GMT\r\n",
        "X-ORACLE-DMS-ECID: 5f3c\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
        "4\r\nBODY\r\n3\r\n-42\r\n0\r\n\r\n",
    )));
    let answer = post(&server.url("/")).await.unwrap();
    assert_eq!(answer.status, 429);
    let content_type = answer.content_type.as_deref();
    assert_eq!(content_type, Some("application/json;charset=UTF-8"));
    assert_eq!(answer.retry_after.as_deref(), Some("7"));
    let date = answer.date.as_deref();
    assert_eq!(date, Some("Mon, 23 Nov 2026 21:00:00 GMT"));
    assert_eq!(answer.ecid.as_deref(), Some("5f3c"));
    assert_eq!(answer.body.expose(), b"BODY-42");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = Server::start(|stream| {
        let here = stream.local_addr().unwrap();
        let head = "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0";
        write!(
            stream,
            "{head}\r\nLocation: http://{here}/elsewhere\r\n\r\n"
        )
        .unwrap();
    });
    let answer = post(&server.url("/")).await.unwrap();
    assert_eq!(answer.status, 307);
    assert_eq!(server.requests_so_far(), 1);
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let why = not_sent(post(&Url::parse(&url).unwrap()).await);
    let expected = "127.0.0.1: tcp connect error: Connection refused";
    assert!(why.starts_with(expected), "{why}");
}

#[tokio::test]
async fn a_connection_that_does_not_stand_in_time_was_not_sent() {
    let (_full, url) = server::with_a_full_queue();
    let result = post_impatiently(&url).await;
    not_sent(result);
}

#[tokio::test]
async fn a_connection_reset_after_the_request_may_have_used_up_the_token() {
    let server = Server::start(server::reset);
    unanswered(post(&server.url("/")).await);
    assert_eq!(server.requests_so_far(), 1, "sent once");
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_may_have_used_up_the_token() {
    let server = Server::start(|_| {});
    unanswered(post(&server.url("/")).await);
    assert_eq!(server.requests_so_far(), 1, "sent once");
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let server = Server::start(answer(
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"BODY\":",
    ));
    unanswered(post(&server.url("/")).await);
}

#[tokio::test]
async fn what_does_not_speak_http_is_no_answer() {
    let server = Server::start(answer("SSH-2.0-BODY\r\n"));
    unanswered(post(&server.url("/")).await);
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up() {
    let server = Server::start(|stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
        stream.write_all(head.as_bytes()).unwrap();
        // Until the other side gives up.
        let _ = stream.read(&mut [0]);
    });
    let result = post_impatiently(&server.url("/")).await;
    let why = unanswered(result);
    assert!(why.contains("timed out"), "{why}");
}

#[tokio::test]
async fn silence_after_the_request_is_given_up_and_was_perhaps_heard() {
    let server = Server::start(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let result = post_impatiently(&server.url("/")).await;
    let why = unanswered(result);
    assert!(why.contains("timed out"), "{why}");
}

fn of_length(len: usize) -> impl FnMut(&mut TcpStream) + Send + 'static {
    move |stream| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked";
        write!(stream, "{head}\r\n\r\n{len:x}\r\n").unwrap();
        // The other side hangs up in the middle.
        let _ = stream.write_all(&vec![b'x'; len]);
        let _ = stream.write_all(b"\r\n0\r\n\r\n");
    }
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_limit_and_no_further() {
    let server = Server::start(of_length(ANSWER_LEN_MAX));
    let answer = post(&server.url("/")).await.unwrap();
    assert_eq!(answer.body.expose().len(), ANSWER_LEN_MAX);
    let server = Server::start(of_length(ANSWER_LEN_MAX + 1));
    let why = unanswered(post(&server.url("/")).await);
    assert_eq!(why, "127.0.0.1: the answer is larger than 262144 bytes");
}

#[tokio::test]
async fn localhost_is_this_machine_without_asking_a_name_server() {
    let server = Server::start(answer(OK));
    let mut url = server.url("/");
    url.set_host(Some("localhost")).unwrap();
    assert_eq!(post(&url).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_file_without_authorities_is_named_and_nothing_is_sent() {
    let scratch = Scratch::new();
    let url = Url::parse("https://127.0.0.1:9/").unwrap();
    for (text, expected) in [
        ("", "holds no certificate in PEM form"),
        (&" ".repeat(1024 * 1024 + 1), "larger than 1048576 bytes"),
    ] {
        let ca_file = scratch.file("ca.pem", text, 0o644);
        let endpoint = Endpoint::new(Some(&ca_file));
        let why = not_sent(endpoint.post(&url, Some(&client(None)), form()).await);
        assert_eq!(why, format!("{}: {expected}", ca_file.display()));
    }
    let missing = scratch.path().join("missing.pem");
    let endpoint = Endpoint::new(Some(&missing));
    not_sent(endpoint.post(&url, Some(&client(None)), form()).await);
    fs::write(&missing, "").unwrap();
    let why = not_sent(endpoint.post(&url, Some(&client(None)), form()).await);
    assert!(why.contains("holds no certificate"), "read again: {why}");
}
