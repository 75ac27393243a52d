//! Values that must not be printed.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

/// A value that has no `Display`, prints as `REDACTED` under `Debug`, cannot
/// be serialized, and is overwritten when dropped.
///
/// [`expose`](Self::expose) is the only way in, so one search for that word
/// lists every place where a secret leaves its wrapper.
///
/// ```
/// use oic_proto::Secret;
///
/// let device_code = Secret::new(String::from("9f2c41d0"));
/// assert_eq!(format!("{device_code:?}"), "Secret(REDACTED)");
/// assert_eq!(device_code.expose(), "9f2c41d0");
/// ```
///
/// ```compile_fail
/// let secret = oic_proto::Secret::new(String::from("9f2c41d0"));
/// println!("{secret}");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: to write it to the wire, the disk or the
    /// authorization server, and nowhere else.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(REDACTED)")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// An access token (RFC 6749 §1.4): the one secret that a daemon tells, and
/// therefore one of the two that can be serialized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken(Secret<String>);

impl AccessToken {
    /// Wraps an access token as the authorization server sent it.
    pub const fn new(token: String) -> Self {
        Self(Secret::new(token))
    }

    /// The token itself; see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What names this token to somebody who has it too.
    ///
    /// ```
    /// use oic_proto::secret::AccessToken;
    ///
    /// let fingerprint = AccessToken::new("abc".to_owned()).fingerprint();
    /// assert_eq!(fingerprint.0[..4], [0xba, 0x78, 0x16, 0xbf]);
    /// ```
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.expose()).into())
    }
}

/// The SHA-256 of an access token: says which one is meant, and gives it to
/// nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 32]);

impl Serialize for AccessToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for AccessToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// What an end user types to unlock the stored sessions: the one secret that a
/// daemon is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passphrase(Secret<String>);

impl Passphrase {
    /// Wraps a passphrase as it was typed.
    pub const fn new(passphrase: String) -> Self {
        Self(Secret::new(passphrase))
    }

    /// The passphrase itself; see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Serialize for Passphrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Passphrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
