//! JSON objects read leniently: what is odd in one member does not spoil the
//! others, and nothing but an object is taken for one.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// Longest code or URI of a device authorization answer, in bytes.
const PROMPT_LEN_MAX: usize = 2 * 1024;

/// Longest lifetime that is believed: a year, what OCI IAM issues at most.
const LIFETIME_MAX_SECONDS: f64 = 366.0 * 24.0 * 3600.0;

/// Stands for bytes that are no text: no token may hold it, nothing that is
/// shown does, and it takes no more room than they.
const NOT_TEXT: char = '\u{7f}';

/// Everything that any of the answers may say.
#[derive(Default)]
pub(super) struct Members {
    pub(super) access_token: Text,
    pub(super) token_type: Text,
    pub(super) expires_in: Text,
    pub(super) refresh_token: Text,
    pub(super) refresh_token_expires_in: Text,
    pub(super) device_code: Text,
    pub(super) user_code: Text,
    pub(super) verification_uri: Text,
    pub(super) verification_uri_complete: Text,
    pub(super) interval: Text,
    pub(super) error: Text,
    pub(super) error_description: Text,
    pub(super) ecid: Text,
    /// SCIM (RFC 7644 §3.12).
    pub(super) detail: Text,
    /// OCI's own APIs.
    pub(super) code: Text,
    /// OCI's own APIs.
    pub(super) message: Text,
}

impl Members {
    /// The members of the object in `json`. Of those that come twice, the last
    /// that says something; but an `error` that comes twice is none, since RFC
    /// 6749 §3.2 has parameters once, and this one ends sessions. `None`: it
    /// holds no object.
    pub(super) fn of(json: &[u8]) -> Option<Self> {
        let mut members = Self::default();
        let mut errors = 0;
        let read = read_object(json, |name, text| {
            errors += u32::from(name == "error");
            if (text.0.is_some() || text.1.is_some())
                && let Some(member) = members.named(name)
            {
                *member = text;
            }
        });
        if errors > 1 {
            members.error = Text::default();
        }
        read.ok().map(|()| members)
    }

    fn named(&mut self, name: &str) -> Option<&mut Text> {
        Some(match name {
            "access_token" => &mut self.access_token,
            "token_type" => &mut self.token_type,
            "expires_in" => &mut self.expires_in,
            "refresh_token" => &mut self.refresh_token,
            // No RFC has it; these two names are the usual ones.
            "refresh_token_expires_in" | "refresh_expires_in" => &mut self.refresh_token_expires_in,
            "device_code" => &mut self.device_code,
            "user_code" => &mut self.user_code,
            "verification_uri" => &mut self.verification_uri,
            // The name of an early draft, which some servers kept.
            "verification_url" if self.verification_uri.0.is_none() => &mut self.verification_uri,
            "verification_uri_complete" => &mut self.verification_uri_complete,
            "interval" => &mut self.interval,
            "error" => &mut self.error,
            "error_description" => &mut self.error_description,
            "ecid" => &mut self.ecid,
            "detail" => &mut self.detail,
            "code" => &mut self.code,
            "message" => &mut self.message,
            _ => return None,
        })
    }
}

/// The claims we look at, never verified: they are shown, and tell the
/// lifetime where the answer does not.
#[derive(Default)]
pub(super) struct Claims {
    pub(super) sub: Text,
    pub(super) jti: Text,
    iat: Text,
    exp: Text,
}

impl Claims {
    /// The claims of a JWT; none of any other access token.
    pub(super) fn of(access_token: &str) -> Self {
        let payload = access_token.split('.').nth(1).unwrap_or_default();
        let json = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
        let mut claims = Self::default();
        let read = read_object(&json, |name, text| match name {
            "sub" => claims.sub = text,
            "jti" => claims.jti = text,
            "iat" => claims.iat = text,
            "exp" => claims.exp = text,
            _ => {}
        });
        match read {
            Ok(()) => claims,
            Err(_) => Self::default(),
        }
    }

    /// `exp` less `iat`: right however wrong our clock is.
    pub(super) fn lifetime(&self) -> Option<Duration> {
        let (iat, exp) = (self.iat.number()?, self.exp.number()?);
        seconds(exp - iat)
    }
}

/// A string, or a whole number read as one; anything else counts as absent, so
/// that one odd member does not spoil the answer. Any other number is a number
/// alone: what it was spelled like is not known, and a token is its spelling.
#[derive(Default)]
pub(super) struct Text(pub(super) Option<Zeroizing<String>>, Option<f64>);

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Some(Zeroizing::new(text)), None)
    }
}

impl Text {
    pub(super) fn number(&self) -> Option<f64> {
        self.1.or_else(|| self.0.as_ref()?.trim().parse().ok())
    }

    pub(super) fn seconds(&self) -> Option<Duration> {
        seconds(self.number()?)
    }

    /// The text, unless it is blank.
    pub(super) fn said(&self) -> Option<&str> {
        let text = self.0.as_ref()?.as_str();
        (!text.trim().is_empty()).then_some(text)
    }

    /// The text, if it can be shown to people.
    pub(super) fn short(&self) -> Option<String> {
        let text = self.0.as_ref()?;
        let fits = !text.is_empty() && text.len() <= PROMPT_LEN_MAX;
        let harmless = !text.contains(char::is_control);
        (fits && harmless).then(|| text.to_string())
    }
}

/// Negative counts as none left, and what is not a number as not said.
fn seconds(number: f64) -> Option<Duration> {
    if !number.is_finite() {
        return None;
    }
    let bounded = number.clamp(0.0, LIFETIME_MAX_SECONDS);
    Duration::try_from_secs_f64(bounded).ok()
}

/// Shows `member` every member of the object in `json`, in their order.
fn read_object(json: &[u8], member: impl FnMut(&str, Text)) -> serde_json::Result<()> {
    let json = legible(json);
    let mut deserializer = serde_json::Deserializer::from_str(&json);
    deserializer.deserialize_map(ObjectVisitor(member))?;
    deserializer.end()
}

/// Without a byte order mark, which RFC 8259 §8.1 lets a reader ignore, and
/// with a mark for what is not UTF-8: a sentence in another encoding does not
/// cost the token beside it.
fn legible(json: &[u8]) -> Zeroizing<String> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    // At its longest from the start: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(json.len()));
    for chunk in json.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(NOT_TEXT);
        }
    }
    text
}

struct ObjectVisitor<F>(F);

impl<'de, F: FnMut(&str, Text)> Visitor<'de> for ObjectVisitor<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, text)) = map.next_entry::<String, Text>()? {
            (self.0)(&name, text);
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(text.to_owned().into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(number.to_string().into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(number.to_string().into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text(None, Some(number)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Default::default())
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Default::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}
