//! What a program writes to its helper, never more of it than there is room
//! for.

use std::io::{self, BufRead, BufReader, Read, StdinLock, Take};

use oic_proto::Secret;

use crate::failure::Failure;

/// Longest input that is read, in bytes: git's lines have up to 65,535 each,
/// and the password or a challenge may be that long.
const INPUT_LEN_MAX: u64 = 256 * 1024;

/// Most bytes of one conversation: room for thousands of questions, and an end
/// to a program that never ends.
const CONVERSATION_LEN_MAX: u64 = 16 * INPUT_LEN_MAX;

/// Stdin.
#[derive(Debug)]
pub struct Stdin(BufReader<Take<StdinLock<'static>>>);

impl Default for Stdin {
    fn default() -> Self {
        Self(BufReader::new(
            io::stdin().lock().take(CONVERSATION_LEN_MAX),
        ))
    }
}

impl Stdin {
    /// Everything. What is beyond the limit is not read: it may have no end.
    pub fn everything(&mut self) -> Result<Secret<String>, Failure> {
        let mut bytes = Vec::new();
        self.0
            .by_ref()
            .take(INPUT_LEN_MAX)
            .read_to_end(&mut bytes)
            .map_err(Failure::Input)?;
        Ok(text(bytes))
    }

    /// Lines up to an empty one, or to the end.
    pub fn until_empty_line(&mut self) -> Result<Secret<String>, Failure> {
        read_until_empty_line(&mut self.0).map_err(Failure::Input)
    }

    /// The next line; `None` at the end.
    pub fn line(&mut self) -> Result<Option<Secret<String>>, Failure> {
        let line = read_line(&mut self.0).map_err(Failure::Input)?;
        Ok((!line.is_empty()).then(|| text(line)))
    }
}

fn read_until_empty_line(input: &mut impl BufRead) -> io::Result<Secret<String>> {
    let mut bytes = Vec::new();
    let mut input = input.take(INPUT_LEN_MAX);
    loop {
        let line = read_line(&mut input)?;
        if line.is_empty() || line == b"\n" {
            return Ok(text(bytes));
        }
        bytes.extend(line);
    }
}

fn read_line(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(INPUT_LEN_MAX).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// What is no UTF-8 is not what was meant, and matches nothing.
fn text(bytes: Vec<u8>) -> Secret<String> {
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> String {
        let secret = read_until_empty_line(&mut &text[..]).unwrap();
        secret.expose().clone()
    }

    #[test]
    fn an_empty_line_ends_what_is_read() {
        assert_eq!(read(b"a=b\nc=d\n\nhost=evil\n"), "a=b\nc=d\n");
        assert_eq!(read(b"a=b\nc=d"), "a=b\nc=d");
        assert_eq!(read(b"\na=b"), "");
        assert_eq!(read(b""), "");
        assert_eq!(read(b"a=\xff\n"), "a=\u{fffd}\n");
    }

    #[test]
    fn what_has_no_end_is_read_to_the_limit() {
        let endless = [b'a'; 2 * INPUT_LEN_MAX as usize];
        assert_eq!(read(&endless).len() as u64, INPUT_LEN_MAX);
        let lines = b"a\n".repeat(INPUT_LEN_MAX as usize);
        assert_eq!(read(&lines).len() as u64, INPUT_LEN_MAX);
    }
}
