//! What `oic-tokend` and `oic-token` say to each other, and where they meet.
//!
//! A caller connects to the daemon's socket (or named pipe), writes one
//! [`Request`], reads [`Response`]s until the last one, and may then write the
//! next. Each message is one frame:
//!
//! ```text
//!   0       2         4               8
//!   +-------+---------+---------------+------------------------+
//!   | "OT"  | version | body length   | body: bincode, `length`|
//!   |       | u16 LE  | u32 LE        | bytes                  |
//!   +-------+---------+---------------+------------------------+
//! ```
//!
//! A peer that is asked in a version it does not speak answers with the
//! *version refusal*, eight bytes that never change between versions: `"OT"`,
//! a zero where the version stands, then the oldest and the newest version it
//! speaks, both u16 LE.
//!
//! Read [`message`] first: it is the whole conversation. [`frame`] turns
//! messages into bytes and back, [`secret`] holds what must not be printed,
//! [`place`] says where the two programs find each other, [`host`] where access
//! tokens may go, [`shown`] what a stranger's words look like, and [`memory`] keeps
//! what they have in memory to themselves.
//! On Windows `sid` says who somebody is.
//!
//! ```
//! use oic_proto::{Request, frame};
//!
//! let request = Request::Status { profile: None };
//! let bytes = frame::encode(&request)?;
//! let (header, body) = bytes.split_at(frame::HEADER_LEN);
//! let body_len = frame::body_len::<Request>(header.try_into()?)?;
//! assert_eq!(body_len, body.len());
//! assert_eq!(frame::decode::<Request>(body)?, request);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod frame;
pub mod host;
pub mod memory;
pub mod message;
pub mod place;
pub mod secret;
pub mod shown;
#[cfg(windows)]
pub mod sid;

pub use message::{Request, Response};
pub use secret::Secret;
