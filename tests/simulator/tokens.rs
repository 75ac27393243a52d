//! Makes what the domain hands out: signed tokens, refresh tokens, codes.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::knobs::{DeviceCodeForm, RefreshTokenForm};

/// The key in the source tree; the file says why it is no secret.
const SIGNING_KEY_PEM: &str = include_str!("simulator_only_signing_key.pem");
const KEY_ID: &str = "SIGNING_KEY";
/// User codes are read aloud and typed: no vowel, so no word, and no digit.
const USER_CODE_ALPHABET: &[u8; 21] = b"BCDFGHJKLMNPQRSTVWXYZ";
const USER_CODE_LEN: usize = 8;
/// Random bytes behind the readable head of a refresh token.
const REFRESH_TOKEN_RANDOM: usize = 144;

/// The domain's signing key and its source of randomness.
#[derive(Debug)]
pub(crate) struct Mint {
    key: RsaKeyPair,
    random: SystemRandom,
    header: String,
}

/// The JOSE header; the order of its members shows in the first letters of
/// every token, `eyJ4NXQjUzI1NiI6`.
#[derive(Serialize)]
struct Header {
    #[serde(rename = "x5t#S256")]
    sha256_thumbprint: String,
    #[serde(rename = "x5t")]
    sha1_thumbprint: String,
    kid: &'static str,
    alg: &'static str,
}

impl Mint {
    pub(crate) fn new() -> Self {
        let key = RsaKeyPair::from_pkcs8(&pem_body(SIGNING_KEY_PEM))
            .expect("the key in the source tree is a valid RSA key");
        // No certificate exists: the public key stands in for it.
        let public = key.public_key().as_ref();
        let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, public));
        let header = Header {
            sha256_thumbprint: thumbprint(&digest::SHA256),
            sha1_thumbprint: thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            kid: KEY_ID,
            alg: "RS256",
        };
        let header = encode_json(&header);
        Self {
            key,
            random: SystemRandom::new(),
            header,
        }
    }

    /// A JWT with these claims, RS256 (RFC 7515, RFC 7518 §3.3).
    pub(crate) fn sign(&self, claims: &impl Serialize) -> String {
        let mut token = format!("{}.{}", self.header, encode_json(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &self.random,
                token.as_bytes(),
                &mut signature,
            )
            .expect("the buffer has the length of the modulus");
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    /// The claims of a token that this key signed.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.key.public_key().as_ref())
            .verify(signed.as_bytes(), &signature)
            .ok()?;
        let (_, claims) = signed.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// The public key as a JWK set, RFC 7517.
    pub(crate) fn jwk_set(&self) -> Value {
        let public: PublicKeyComponents<Vec<u8>> = self.key.public().into();
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "key_ops": ["verify"],
            "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
        }]})
    }

    pub(crate) fn device_code(&self, form: DeviceCodeForm) -> String {
        let hex = self.hex(16);
        match form {
            DeviceCodeForm::Hex => hex,
            DeviceCodeForm::Uuid => {
                let (a, b, c) = (&hex[..8], &hex[8..12], &hex[12..16]);
                format!("{a}-{b}-{c}-{}-{}", &hex[16..20], &hex[20..])
            }
        }
    }

    pub(crate) fn user_code(&self) -> String {
        // The remainder favours some letters a little; a code lives five minutes.
        self.bytes(USER_CODE_LEN)
            .into_iter()
            .map(|byte| USER_CODE_ALPHABET[usize::from(byte) % USER_CODE_ALPHABET.len()] as char)
            .collect()
    }

    pub(crate) fn refresh_token(&self, form: RefreshTokenForm) -> String {
        let mut token = match form {
            // A version byte, the length of what follows in two bytes, 32 hex digits.
            RefreshTokenForm::New => [&[2, 0, 32][..], self.hex(16).as_bytes()].concat(),
            // The sixth byte makes the seventh character `U` whatever follows.
            RefreshTokenForm::Old => vec![1, 2, 3, 4, 5, 6],
        };
        token.extend(self.bytes(REFRESH_TOKEN_RANDOM));
        // One byte past a multiple of three: ends in `==`, so that a caller
        // who forgets to percent-encode the form is found out.
        token.resize(token.len() + (4 - token.len() % 3) % 3, b'=');
        URL_SAFE.encode(token)
    }

    /// The id by which Oracle finds a request again: 17 characters.
    pub(crate) fn ecid(&self) -> String {
        let random = URL_SAFE_NO_PAD
            .encode(self.bytes(6))
            .replace(['-', '_'], "x");
        format!("{random}200000000")
    }

    /// `len` random bytes in hexadecimal.
    pub(crate) fn hex(&self, len: usize) -> String {
        self.bytes(len)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn bytes(&self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.random
            .fill(&mut bytes)
            .expect("the system's source of randomness works");
        bytes
    }
}

/// `at_hash` of OpenID Connect Core §3.1.3.6: the left half of the SHA-256.
pub(crate) fn access_token_hash(token: &str) -> String {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

fn encode_json(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("claims are maps with string keys");
    URL_SAFE_NO_PAD.encode(json)
}

/// The bytes between the BEGIN and END lines of a PEM file.
fn pem_body(pem: &str) -> Vec<u8> {
    let body: String = pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    STANDARD
        .decode(body)
        .expect("the file in the source tree is base64")
}
