//! The frame of an access token, which is the same for every caller but for
//! how long the token is still valid.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Error, HEADER_LEN, encode};
use crate::Response;
use crate::message::TokenView;
use crate::secret::AccessToken;

/// Length of a number that says which message it is.
const VARIANT: usize = 4;

/// Length of the number in front of a text or a list.
const LENGTH: usize = 8;

/// Length of a moment.
const MOMENT: usize = 8;

/// Length of a time: seconds, and nanoseconds.
const TIME: usize = 12;

/// The frame of a [`Response::Token`], encoded once for many callers.
pub struct TokenFrame {
    bytes: Zeroizing<Vec<u8>>,
    token_len: usize,
    /// Where in it `expires_in` stands.
    expires_in_at: usize,
}

impl TokenFrame {
    /// The frame of this answer.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`].
    pub fn new(view: TokenView) -> Result<Self, Error> {
        let text = |text: &str| LENGTH + text.len();
        let scopes = view.scopes.iter().map(|scope| text(scope));
        let expires_in_at = HEADER_LEN
            + VARIANT
            + text(view.access_token.expose())
            + text(&view.profile)
            + LENGTH
            + scopes.sum::<usize>()
            + MOMENT;
        Ok(Self {
            token_len: view.access_token.expose().len(),
            bytes: encode(&Response::Token(view))?,
            expires_in_at,
        })
    }

    /// Whether this is the access token in it.
    pub fn has(&self, token: &AccessToken) -> bool {
        let text = &self.bytes[HEADER_LEN + VARIANT + LENGTH..][..self.token_len];
        text == token.expose().as_bytes()
    }

    /// The bytes for a caller to whom the token is still valid for so long.
    pub fn expiring_in(&mut self, expires_in: Duration) -> &[u8] {
        let time = &mut self.bytes[self.expires_in_at..][..TIME];
        time[..8].copy_from_slice(&expires_in.as_secs().to_le_bytes());
        time[8..].copy_from_slice(&expires_in.subsec_nanos().to_le_bytes());
        &self.bytes
    }
}

impl fmt::Debug for TokenFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenFrame(REDACTED)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::UnixTime;

    fn view(scopes: &[&str], hosts: &[&str], expires_in: Duration) -> TokenView {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        TokenView {
            access_token: AccessToken::new("eyJhbGciOiJSUzI1NiJ9.e30.c2ln".to_owned()),
            profile: "prod".to_owned(),
            scopes: texts(scopes),
            expires_at: UnixTime(1_767_229_200),
            expires_in,
            hosts: texts(hosts),
        }
    }

    #[test]
    fn a_frame_for_many_callers_is_for_each_what_it_would_be_alone() {
        for (scopes, hosts) in [
            (&[][..], &[][..]),
            (&["api"][..], &["*.example.com"][..]),
            (&["", "openid", "urn:opc:resource"][..], &["a", "b"][..]),
        ] {
            let mut frame = TokenFrame::new(view(scopes, hosts, Duration::MAX)).unwrap();
            for expires_in in [
                Duration::ZERO,
                Duration::new(3599, 999_999_999),
                Duration::MAX,
                Duration::from_secs(60),
            ] {
                let alone = encode(&Response::Token(view(scopes, hosts, expires_in))).unwrap();
                assert_eq!(frame.expiring_in(expires_in), &*alone);
            }
        }
    }

    #[test]
    fn it_knows_which_token_it_has() {
        let view = view(&[], &[], Duration::ZERO);
        let (token, mut longer) = (
            view.access_token.clone(),
            view.access_token.expose().to_owned(),
        );
        longer.push('x');
        let frame = TokenFrame::new(view).unwrap();
        assert!(frame.has(&token) && !frame.has(&AccessToken::new(longer)));
    }

    #[test]
    fn it_is_not_printed() {
        let frame = TokenFrame::new(view(&[], &[], Duration::ZERO)).unwrap();
        assert_eq!(format!("{frame:?}"), "TokenFrame(REDACTED)");
    }
}
