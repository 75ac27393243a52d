//! A server that speaks TLS, well or badly.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::Url;

use super::OK;
use super::server::read_request;

pub(super) struct TlsServer {
    pub(super) url: Url,
    /// PEM.
    pub(super) certificate: String,
}

/// What a server shows and does.
pub(super) struct Manner {
    /// Whom its certificate is for.
    pub(super) name: &'static str,
    /// Until which year.
    pub(super) until: i32,
    pub(super) answer: &'static str,
    /// Whether it says that this was all (RFC 8446 §6.1).
    pub(super) farewell: bool,
}

/// As it should be.
pub(super) const GOOD: Manner = Manner {
    name: "127.0.0.1",
    until: 4096,
    answer: OK,
    farewell: true,
};

/// A server with a certificate of its own making.
pub(super) fn start(manner: Manner) -> TlsServer {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([manner.name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2000, 1, 1);
    params.not_after = rcgen::date_time_ymd(manner.until, 1, 1);
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(session, stream.unwrap());
            read_request(&mut stream);
            // A caller that does not trust us is gone.
            let _ = stream.write_all(manner.answer.as_bytes());
            if manner.farewell {
                stream.conn.send_close_notify();
            }
            let _ = stream.flush();
        }
    });
    TlsServer {
        url: Url::parse(&url).unwrap(),
        certificate: certificate.pem(),
    }
}
