//! A daemon without network: the way to each server is a socket.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, UnixListener};
use url::Url;

use super::tls::{self, GOOD};
use super::{Endpoint, client, form, not_sent};
use crate::testbed::Scratch;

/// Where nothing listens.
const CLOSED_PORT: u16 = 9;

fn endpoint(scratch: &Scratch, certificate: &str) -> Endpoint {
    let ca_file = scratch.file("ca.pem", certificate, 0o644);
    Endpoint {
        egress: Some(scratch.path().to_owned()),
        ..Endpoint::new(Some(&ca_file))
    }
}

/// The same server, at a port where it is not.
fn elsewhere(url: &Url) -> (Url, String) {
    let mut elsewhere = url.clone();
    elsewhere.set_port(Some(CLOSED_PORT)).unwrap();
    let name = format!("{}:{CLOSED_PORT}", url.host_str().unwrap());
    (elsewhere, name)
}

#[tokio::test]
async fn a_request_leaves_by_the_socket_of_its_server_and_tls_ends_there() {
    let scratch = Scratch::new();
    let server = tls::start(GOOD);
    let (url, name) = elsewhere(&server.url);
    let listener = UnixListener::bind(scratch.path().join(name)).unwrap();
    let port = server.url.port().unwrap();
    let pass_on = async {
        let (mut from, _) = listener.accept().await.unwrap();
        let mut to = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // However it ends, the answer was seen.
        let _ = copy_bidirectional(&mut from, &mut to).await;
    };
    let endpoint = endpoint(&scratch, &server.certificate);
    let client = client(None);
    let (answer, ()) = tokio::join!(endpoint.post(&url, Some(&client), form()), pass_on);
    assert_eq!(answer.unwrap().status, 200);
}

#[tokio::test]
async fn where_the_way_is_not_open_nothing_is_sent_and_the_command_that_opens_it_is_named() {
    let scratch = Scratch::new();
    let server = tls::start(GOOD);
    let endpoint = endpoint(&scratch, &server.certificate);
    let client = client(None);
    let why = not_sent(endpoint.post(&server.url, Some(&client), form()).await);
    let port = server.url.port().unwrap();
    let host = server.url.host_str().unwrap();
    let command = format!("'systemctl enable --now oic-tokend-egress@{host}:{port}.socket'");
    assert!(why.ends_with(&command), "{why}");
}
