//! A caller of few words: one request a connection, and the truth about how
//! the connection ended.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::DEADLINE;

/// An answer that arrived whole.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(named)
            .map(|(_, value)| value.as_str())
    }

    /// The OAuth error.
    pub(super) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

pub(super) fn get(url: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<Reply> {
    call(url, &format!("GET {path} HTTP/1.1"), headers, "")
}

pub(super) fn post(url: &str, path: &str, fields: &[(&str, &str)]) -> io::Result<Reply> {
    post_with(url, path, fields, &[])
}

pub(super) fn post_with(
    url: &str,
    path: &str,
    fields: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> io::Result<Reply> {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let headers: Vec<_> = headers.iter().copied().chain([form]).collect();
    call(url, &format!("POST {path} HTTP/1.1"), &headers, &body)
}

/// Sends one request and reads to the end of the connection. A reset or an
/// answer shorter than its Content-Length is an error.
pub(super) fn call(
    url: &str,
    start: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Reply> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let mut request = format!(
        "{start}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&String::from_utf8(answer).unwrap())
}

fn parse(answer: &str) -> io::Result<Reply> {
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .ok_or_else(cut)?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    let reply = Reply {
        status: status.parse().unwrap(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    };
    let length = reply
        .header("content-length")
        .map(|length| length.parse().unwrap());
    if length.is_some_and(|length: usize| body.len() < length) {
        return Err(cut());
    }
    Ok(reply)
}
