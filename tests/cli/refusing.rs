//! A daemon that refuses everybody, for refusals that a real one gives to
//! other users or at bad moments.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;

use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::message::Refusal;
use oic_proto::{Request, Response};

/// Listens at `socket` and answers whatever is asked with the refusal of this
/// name, until the test ends.
pub fn start(socket: &Path, name: &str) {
    let refusal = match name {
        "NotAllowed" => Refusal::NotAllowed,
        "Busy" => Refusal::Busy,
        "NotUnderstood" => Refusal::NotUnderstood,
        "ShuttingDown" => Refusal::ShuttingDown,
        _ => panic!("there is no refusal '{name}' to play"),
    };
    std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let listener = UnixListener::bind(socket).unwrap();
    let answer = frame::encode(&Response::Refused(refusal)).unwrap();
    thread::spawn(move || {
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            let mut header = [0; HEADER_LEN];
            caller.read_exact(&mut header).unwrap();
            let mut body = vec![0; frame::body_len::<Request>(&header).unwrap()];
            caller.read_exact(&mut body).unwrap();
            caller.write_all(&answer).unwrap();
        }
    });
}
