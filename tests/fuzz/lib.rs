//! What the fuzz targets share: the pure parts of both programs, built from
//! their sources without the rest, and what is asserted in more than one.

pub mod answers;
pub mod helpers;
pub mod life;
mod memory;

pub use memory::within;

/// Nested so that its modules are looked for where they are.
#[path = "../../daemon/src"]
mod daemon {
    pub mod access;
    pub mod config;
    pub mod digest;
    pub mod directory;
    pub mod fd_store;
    pub mod homes;
    pub mod lifecycle;
    pub mod lock;
    pub mod mapping;
    pub mod oauth;
    pub mod peer;
    pub mod private;
    pub mod store;
    pub mod units;
}

/// In the place of the system's name service, which takes as long as it takes.
mod accounts {
    /// Everybody whose name is a number exists.
    pub fn user(name: &str) -> Result<Option<u32>, String> {
        Ok(name.parse().ok())
    }

    pub use user as group;
}

/// In the place of what writes token files, which nothing here does.
mod sink {
    pub const IS_POSSIBLE: bool = true;
}

/// As the daemon's above.
#[path = "../../client/src"]
mod client {
    pub mod claims;
    pub mod moment;

    pub mod helper {
        pub mod bazel;
        pub mod cargo;
        pub mod challenge;
        pub mod docker;
        pub mod git;
        pub mod goauth;
        pub mod keyring;
        pub mod kubernetes;
        pub mod protocol;
        pub mod terraform;
    }
}

pub use client::{claims, helper, moment};
pub use daemon::{access, config, fd_store, lifecycle, mapping, oauth, store, units};
use daemon::{digest, directory, homes, lock, peer, private};

use std::fmt::Debug;

use oic_proto::frame::{self, HEADER_LEN, Message};

/// What stands in an input for something secret, where a target looks whether
/// it comes out again.
pub const SECRET: &str = "hunter2hunter2";

/// What is shown to people is one line, or as many as `lines`, and steers no
/// terminal.
pub fn check_shown(text: &str, lines: usize) {
    assert!(text.lines().count() <= lines, "{text:?}");
    let steers = |char: char| char.is_control() && char != '\n';
    assert!(!text.contains(steers), "{text:?}");
}

/// What a peer sent, its header first: bounded, and whatever is read of it is
/// written and read again as the same. A length or count inside that is a lie
/// may cost this much memory.
pub fn check_frame<M: Message + Debug + PartialEq>(bytes: &[u8], lies_cost: usize) {
    let Some((header, body)) = bytes.split_first_chunk::<HEADER_LEN>() else {
        return;
    };
    if let Ok(len) = frame::body_len::<M>(header) {
        assert!(len <= M::LEN_MAX);
    }
    // The smallest entry of a list has 8 bytes on the wire, and 24 in memory.
    let memory = lies_cost + 4 * body.len() + 1024;
    let Ok(message) = within(memory, || frame::decode::<M>(body)) else {
        return;
    };
    let written = match frame::encode(&message) {
        Ok(written) => written,
        Err(error) => {
            assert!(body.len() > M::LEN_MAX, "{error}");
            return;
        }
    };
    let (header, written) = written.split_first_chunk().expect("a header");
    assert_eq!(frame::body_len::<M>(header), Ok(written.len()));
    assert_eq!(frame::decode::<M>(written).as_ref(), Ok(&message));
}
