//! Hashes: to compare what must not be seen.

use sha2::{Digest, Sha256};

/// The SHA-256 of these, one after the other, in hexadecimal.
pub(crate) fn sha256(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let bytes = hash.finalize();
    Vec::from_iter(bytes.iter().map(|byte| format!("{byte:02x}"))).concat()
}
