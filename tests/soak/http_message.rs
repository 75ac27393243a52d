//! As much of HTTP/1.1 as the gate has to understand: where a message ends.
//! Neither side sends a token request or its answer in chunks.

use std::io::{self, BufRead, ErrorKind, Read};

/// Longest message that is read, in bytes; a token answer of the server has
/// three thousand.
const MESSAGE_LEN_MAX: u64 = 256 * 1024;

/// One message, byte by byte as it came. It holds tokens, and is not printed.
pub struct HttpMessage(pub Vec<u8>);

impl HttpMessage {
    /// Reads one message, whole.
    ///
    /// # Errors
    ///
    /// It ends too early, is too long, or has no length.
    pub fn read(from: impl Read) -> io::Result<Self> {
        let mut from = io::BufReader::new(from.take(MESSAGE_LEN_MAX));
        let mut bytes = Vec::new();
        let mut body_len = None;
        loop {
            let start = bytes.len();
            if from.read_until(b'\n', &mut bytes)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = String::from_utf8_lossy(&bytes[start..]).to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                body_len = value.trim().parse().ok();
            }
            if line.trim_end().is_empty() {
                break;
            }
        }
        let body_len: usize = body_len.ok_or_else(|| io::Error::other("no Content-Length"))?;
        let head_len = bytes.len();
        let wanted = head_len
            .saturating_add(body_len)
            .min(MESSAGE_LEN_MAX as usize);
        bytes.resize(wanted, 0);
        from.read_exact(&mut bytes[head_len..])?;
        Ok(Self(bytes))
    }

    /// The status, if this is an answer.
    pub fn status(&self) -> Option<u16> {
        let line = self.0.split(|byte| *byte == b'\r').next()?;
        let line = std::str::from_utf8(line).ok()?;
        line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// What stands behind the head.
    pub fn body(&self) -> String {
        let head_len = self.0.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let body = head_len.map_or(&[][..], |len| &self.0[len + 4..]);
        String::from_utf8_lossy(body).into_owned()
    }

    /// The first half of it.
    pub fn half(&self) -> &[u8] {
        &self.0[..self.0.len() / 2]
    }
}
