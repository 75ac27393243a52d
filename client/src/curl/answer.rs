//! What a server answered, from the headers that curl writes down. Pure.

/// Longest header line that is looked at, in bytes; of a longer one, its
/// beginning.
const LINE_LEN_MAX: usize = 8 * 1024;

/// Longest part of a server's words that is shown.
const SHOWN_LEN_MAX: usize = 300;

/// What is known of the last answer.
#[derive(Debug, Default)]
pub struct Answer {
    status: Option<u16>,
    challenge: Option<String>,
    location: Option<String>,
    /// Where the redirect led that came before.
    redirected: Option<String>,
    line: Vec<u8>,
}

impl Answer {
    /// More of the headers.
    pub fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                b'\n' => self.end_line(),
                _ if self.line.len() < LINE_LEN_MAX => self.line.push(byte),
                _ => {}
            }
        }
    }

    /// Its status; `None` where there is no answer.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Where it redirects to.
    pub fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    /// Whether the server wants another access token (RFC 6750 §3).
    pub fn is_unauthorized(&self) -> bool {
        self.status == Some(401)
    }

    /// What the server says of it.
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }

    /// Where a redirect has led. To another host curl takes no token.
    pub fn redirected(&self) -> Option<&str> {
        self.redirected.as_deref()
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.starts_with("HTTP/") {
            self.begin(line);
        } else if let Some((name, value)) = line.split_once(':') {
            let value = || value.trim().chars().take(SHOWN_LEN_MAX).collect();
            match name.to_ascii_lowercase().as_str() {
                "www-authenticate" => self.challenge = Some(value()),
                "location" => self.location = Some(value()),
                _ => {}
            }
        }
    }

    fn begin(&mut self, line: &str) {
        if matches!(self.status, Some(300..400)) {
            self.redirected = self.location.take();
        }
        let status = line.split_whitespace().nth(1);
        self.status = status.and_then(|status| status.parse().ok());
        self.challenge = None;
        self.location = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &str) -> Answer {
        let mut answer = Answer::default();
        // However they are cut.
        for byte in headers.as_bytes() {
            answer.read(&[*byte]);
        }
        answer
    }

    #[test]
    fn the_last_answer_counts() {
        let connect = "HTTP/1.1 200 Connection established\r\n\r\n";
        let refused = answer(&format!(
            "{connect}HTTP/2 401 \r\nWWW-Authenticate: Bearer error=\"invalid_token\"\r\n\r\n"
        ));
        assert!(refused.is_unauthorized());
        assert_eq!(refused.challenge(), Some("Bearer error=\"invalid_token\""));
        assert_eq!(refused.redirected(), None);
        assert!(!answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").is_unauthorized());
        assert!(!answer("").is_unauthorized());
    }

    #[test]
    fn a_redirect_is_remembered() {
        let redirected = answer(
            "HTTP/1.1 302 Found\r\nlocation: https://design.example.com/\r\n\r\n\
             HTTP/1.1 401 Unauthorized\r\n\r\n",
        );
        assert!(redirected.is_unauthorized());
        assert_eq!(redirected.redirected(), Some("https://design.example.com/"));
    }

    #[test]
    fn endless_lines_are_cut() {
        let mut answer = answer("HTTP/1.1 401 x\r\nWWW-Authenticate: ");
        (0..100).for_each(|_| answer.read(&[b'a'; 1000]));
        answer.read(b"\r\n");
        assert_eq!(answer.challenge().unwrap().len(), SHOWN_LEN_MAX);
    }
}
