//! The way to the server: names, proxies, connections and TLS. Where it does
//! not lead there, nothing was sent and nothing used up.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use url::Url;

use super::server::{Server, answer};
use super::tls::{self, GOOD, Manner};
use super::{Endpoint, OK, client, form, not_sent, post, post_impatiently, unanswered};
use crate::oauth::{Answer, TransportError};
use crate::testbed::{Scratch, alone, is_alone};

#[tokio::test]
#[ignore = "run alone by the test below, which sets its environment"]
async fn posts_to_loopback() {
    if is_alone() {
        let server = Server::start(answer(OK));
        assert_eq!(post(&server.url("/")).await.unwrap().status, 200);
    }
}

#[test]
fn plain_http_goes_through_no_proxy() {
    let mut child = alone("endpoint::tests::way::posts_to_loopback");
    for variable in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        child.env(variable, "http://127.0.0.1:9");
    }
    let child = child.env_remove("NO_PROXY").env_remove("no_proxy");
    let status = child.stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_sent_nothing() {
    let server = Server::start(answer(OK));
    let mut url = server.url("/");
    url.set_scheme("https").unwrap();
    not_sent(post(&url).await);
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_is_sent_nothing() {
    let server = tls::start(GOOD);
    let why = not_sent(post(&server.url).await);
    assert!(why.contains("nobody whom this computer trusts"), "{why}");
}

#[tokio::test]
async fn an_authority_in_the_file_is_trusted_besides_the_systems() {
    let scratch = Scratch::new();
    let server = tls::start(GOOD);
    let ca_file = scratch.file("ca.pem", &server.certificate, 0o644);
    let endpoint = Endpoint::new(Some(&ca_file));
    let answer = endpoint
        .post(&server.url, Some(&client(None)), form())
        .await;
    assert_eq!(answer.unwrap().status, 200);
}

/// What a caller gets who trusts the server's own certificate.
async fn post_trusting(manner: Manner) -> Result<Answer, TransportError> {
    let scratch = Scratch::new();
    let server = tls::start(manner);
    let ca_file = scratch.file("ca.pem", &server.certificate, 0o644);
    let endpoint = Endpoint::new(Some(&ca_file));
    let client = client(None);
    endpoint.post(&server.url, Some(&client), form()).await
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_sent_nothing() {
    let manner = Manner {
        until: 2001,
        ..GOOD
    };
    let why = not_sent(post_trusting(manner).await);
    assert!(why.contains("its certificate expired "), "{why}");
    assert!(
        why.ends_with(" days ago, by this computer's clock"),
        "{why}"
    );
}

#[tokio::test]
async fn a_certificate_for_another_host_is_sent_nothing() {
    let manner = Manner {
        name: "id.example.com",
        ..GOOD
    };
    let why = not_sent(post_trusting(manner).await);
    assert!(
        why.ends_with("its certificate is for another host, id.example.com"),
        "{why}"
    );
}

/// Somebody on the way can close a connection under TLS, but not say in the
/// server's name that this was all (RFC 8446 §6.1).
#[tokio::test]
async fn an_answer_that_only_the_end_of_the_connection_ends_is_none_under_tls() {
    let without_length = "HTTP/1.1 200 OK\r\n\r\n{}";
    let whole = Manner {
        answer: without_length,
        ..GOOD
    };
    assert_eq!(post_trusting(whole).await.unwrap().body.expose(), b"{}");
    unanswered(
        post_trusting(Manner {
            answer: without_length,
            farewell: false,
            ..GOOD
        })
        .await,
    );
    // One that names its length is whole without a farewell.
    let manner = Manner {
        farewell: false,
        ..GOOD
    };
    assert_eq!(post_trusting(manner).await.unwrap().body.expose(), b"{}");
}

#[tokio::test]
async fn a_server_that_never_gets_through_with_tls_is_sent_nothing() {
    let server = Server::start_unasked(|stream: &mut TcpStream| {
        // Until the other side gives up.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut url = server.url("/");
    url.set_scheme("https").unwrap();
    not_sent(post_impatiently(&url).await);
}

#[tokio::test]
async fn a_server_that_hangs_up_on_tls_is_sent_nothing() {
    let server = Server::start_unasked(|_| {});
    let mut url = server.url("/");
    url.set_scheme("https").unwrap();
    not_sent(post(&url).await);
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_said_to_speak_none() {
    let server = Server::start_unasked(|stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        // Until the other side has read that.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let mut url = server.url("/");
    url.set_scheme("https").unwrap();
    let why = not_sent(post(&url).await);
    assert!(why.ends_with("what answers there speaks no TLS"), "{why}");
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_sent_nothing() {
    // RFC 6761 §6.4: there never is such a host.
    let url = Url::parse("https://id.invalid/oauth2/v1/token").unwrap();
    let why = not_sent(post(&url).await);
    assert!(why.starts_with("id.invalid: "), "{why}");
    assert!(why.contains("dns error"), "{why}");
}

const PROXIED: &str = "https://id.example.com/oauth2/v1/token";

#[tokio::test]
#[ignore = "run alone by the test below, which sets its environment"]
async fn a_proxy_that_does_not_help() {
    if is_alone() {
        let url = Url::parse(PROXIED).unwrap();
        println!("{}", not_sent(post_impatiently(&url).await));
    }
}

/// What a process says whose proxy is at `address` and does not help.
fn without_help_of(address: &str) -> String {
    let mut child = alone("endpoint::tests::way::a_proxy_that_does_not_help");
    child.env("HTTPS_PROXY", format!("http://{address}"));
    for variable in ["NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY"] {
        child.env_remove(variable);
    }
    let output = child.stderr(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn what_a_proxy_does_not_let_through_was_not_sent() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let said = without_help_of(&address);
    let expected = "id.example.com: the proxy cannot be reached: tcp connect error: ";
    assert!(said.contains(expected), "{said}");
    for (answer, expected) in [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy refused"),
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "the proxy wants authentication",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>",
            "the proxy refused",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n",
            "the proxy refused",
        ),
        ("SSH-2.0\r\n\r\n", "the proxy refused"),
        // Through to the server, which is gone: the system calls it the end
        // or a reset, as the moment has it.
        ("HTTP/1.1 200 OK\r\n\r\n", "id.example.com: "),
        ("", "id.example.com: "),
    ] {
        let proxy = Server::start(super::server::answer(answer));
        let url = proxy.url("/");
        let address = format!("127.0.0.1:{}", url.port().unwrap());
        let said = without_help_of(&address);
        assert!(said.contains(expected), "{answer}: {said}");
        assert!(proxy.request().starts_with("CONNECT "), "{answer}");
    }
}

#[test]
fn a_proxy_that_never_answers_was_sent_nothing_for_the_server() {
    let proxy = Server::start(|stream: &mut TcpStream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let url = proxy.url("/");
    without_help_of(&format!("127.0.0.1:{}", url.port().unwrap()));
}
