//! The least HTTP client that can call a server on loopback, so that neither
//! the tests nor the demonstration need another program for it.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::DEADLINE;

/// Longest answer that is read, in bytes.
const ANSWER_LEN_MAX: u64 = 1024 * 1024;

/// GETs `path` at `origin` (`http://127.0.0.1:…`) with one header line more;
/// the status and the body.
///
/// # Panics
///
/// When the server does not answer in HTTP in time.
pub fn get(origin: &str, path: &str, header: &str) -> (u16, String) {
    exchange(origin, &format!("GET {path}"), header)
}

/// POSTs nothing to `path` at `origin`; the status and the body.
///
/// # Panics
///
/// When the server does not answer in HTTP in time.
pub fn post(origin: &str, path: &str) -> (u16, String) {
    exchange(origin, &format!("POST {path}"), "Content-Length: 0")
}

fn exchange(origin: &str, method_and_path: &str, header: &str) -> (u16, String) {
    let address = origin
        .strip_prefix("http://")
        .expect("servers under test speak plain HTTP");
    let mut server = TcpStream::connect(address).expect("the server listens");
    server
        .set_read_timeout(Some(DEADLINE))
        .expect("the deadline is not zero");
    // HTTP/1.0: the body then comes whole and not in chunks.
    let request = format!(
        "{method_and_path} HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n\
         {header}\r\n\r\n"
    );
    server
        .write_all(request.as_bytes())
        .expect("the server reads");
    let mut answer = String::new();
    server
        .take(ANSWER_LEN_MAX)
        .read_to_string(&mut answer)
        .expect("the server answers in time, in text");
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .expect("a header ends with an empty line");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("an answer has a status"), body.to_owned())
}
