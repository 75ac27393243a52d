//! TLS and a proxy in front of a server on loopback, to see how the daemon
//! fares with certificates of a company's own and with its way out.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Longest request head that the proxy reads, in bytes.
const CONNECT_LEN_MAX: usize = 4 * 1024;

/// A listener on loopback that passes every connection on; stops when dropped.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    passed: Arc<AtomicU32>,
    /// Its end ends the thread.
    _stop: oneshot::Sender<()>,
}

/// What a front does with a connection before it passes it on.
#[derive(Clone)]
enum Manner {
    /// Ends TLS.
    Tls(TlsAcceptor),
    /// Answers `CONNECT` (RFC 9110 §9.3.6), wherever it would lead.
    Proxy,
}

impl Front {
    /// TLS in front of `server` (`http://127.0.0.1:…`); beside it the
    /// certificate to trust, PEM.
    ///
    /// # Panics
    ///
    /// When no certificate can be made or no port taken.
    pub fn tls(server: &str) -> (Self, String) {
        Self::tls_as(&Ipv4Addr::LOCALHOST.to_string(), server)
    }

    /// The same for a host of this name.
    ///
    /// # Panics
    ///
    /// When no certificate can be made or no port taken.
    pub fn tls_as(name: &str, server: &str) -> (Self, String) {
        let names = vec![name.to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("the name is good");
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("the key fits the certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        (Self::start(server, Manner::Tls(acceptor)), cert.pem())
    }

    /// A proxy on whose other side is `server`, whatever it is asked for.
    ///
    /// # Panics
    ///
    /// When no port can be taken.
    pub fn proxy(server: &str) -> Self {
        Self::start(server, Manner::Proxy)
    }

    /// Host and port, as in `127.0.0.1:40123`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// How many connections it has passed on.
    pub fn passed(&self) -> u32 {
        self.passed.load(Ordering::SeqCst)
    }

    fn start(server: &str, manner: Manner) -> Self {
        let (_, server) = server.split_once("://").expect("a server has a scheme");
        let server = server.to_owned();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .expect("loopback has a free port");
        listener
            .set_nonblocking(true)
            .expect("a socket can be made non-blocking");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel();
        let passed = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&passed);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made");
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("it is non-blocking");
                tokio::select! {
                    () = accept(listener, server, manner, count) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address,
            passed,
            _stop: stop,
        }
    }
}

async fn accept(listener: TcpListener, server: String, manner: Manner, count: Arc<AtomicU32>) {
    while let Ok((client, _)) = listener.accept().await {
        let (server, manner) = (server.clone(), manner.clone());
        let count = Arc::clone(&count);
        tokio::spawn(async move {
            // A client that does not like the certificate hangs up.
            let _ = pass_on(client, &server, manner, &count).await;
        });
    }
}

async fn pass_on(
    mut client: TcpStream,
    server: &str,
    manner: Manner,
    count: &AtomicU32,
) -> io::Result<()> {
    match manner {
        Manner::Tls(acceptor) => {
            let mut client = acceptor.accept(client).await?;
            let mut server = TcpStream::connect(server).await?;
            count.fetch_add(1, Ordering::SeqCst);
            copy_bidirectional(&mut client, &mut server).await?;
        }
        Manner::Proxy => {
            read_connect(&mut client).await?;
            let mut server = TcpStream::connect(server).await?;
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            count.fetch_add(1, Ordering::SeqCst);
            copy_bidirectional(&mut client, &mut server).await?;
        }
    }
    Ok(())
}

async fn read_connect(client: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
        if head.len() > CONNECT_LEN_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    let connect = head.starts_with(b"CONNECT ");
    connect
        .then_some(())
        .ok_or(io::ErrorKind::InvalidData.into())
}
