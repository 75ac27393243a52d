//! Posts a form to an endpoint of the authorization server and reads a bounded
//! answer. The only file that names `reqwest` and `rustls`.

mod cause;
mod certificate;
mod egress;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use oic_proto::Secret;
use oic_proto::message::SERVER_PATIENCE;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, ClientBuilder, Response, redirect, retry};
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::{self, byte_serialize};
use zeroize::Zeroizing;

use crate::config::Client;
use crate::oauth::{Answer, Form, TransportError};
use cause::chain;
pub use certificate::ShownCertificate;
use egress::Way;

/// Longest answer that is read, in bytes. Token answers with many group claims
/// reach some 30 KiB; this leaves them room.
const ANSWER_LEN_MAX: usize = 256 * 1024;

/// How long to wait for an authorization server.
const PATIENCE: Patience = Patience {
    // A laptop that just woke up needs a few seconds for its network.
    connect: Duration::from_secs(10),
    // Giving up on a refresh that the server is still working on loses the
    // refresh token that it is about to send. Callers with a valid token wait
    // for none of this, and the others by their own deadlines.
    request: SERVER_PATIENCE,
};

/// Largest file of extra trust roots that is read, in bytes: a whole system
/// bundle is a quarter of it.
const CA_FILE_LEN_MAX: u64 = 1024 * 1024;

/// What Oracle Support asks for when a request failed.
const ECID: &str = "x-oracle-dms-ecid";

/// The way to the authorization servers.
#[derive(Debug)]
pub struct Endpoint {
    ca_file: Option<PathBuf>,
    patience: Patience,
    /// Where connections leave the machine that the system keeps from us.
    egress: Option<PathBuf>,
    /// Held while one is made: who wants the same one has it then.
    clients: Mutex<HashMap<Way, reqwest::Client>>,
}

#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For name resolution, connection and TLS together.
    connect: Duration,
    /// For the whole request, to the last byte of its answer.
    request: Duration,
}

impl Endpoint {
    /// A way that trusts the system's certificate authorities and those in
    /// `ca_file` (PEM). Nothing is read before the first request.
    pub fn new(ca_file: Option<&Path>) -> Self {
        Self {
            ca_file: ca_file.map(Path::to_owned),
            patience: PATIENCE,
            egress: egress::folder(),
            clients: Mutex::default(),
        }
    }

    /// Posts `form` to `url`, authenticated as `client` if that is given and
    /// has a secret, and reads the answer, whatever its status. Sent
    /// once: a refresh token is used up by the first request that arrives, so
    /// whether to ask again is for the core to decide. A redirect is an answer
    /// like any other: following it would carry tokens elsewhere.
    ///
    /// # Errors
    ///
    /// [`TransportError`], with the causes in one line.
    pub async fn post(
        &self,
        url: &Url,
        client: Option<&Client>,
        form: Form,
    ) -> Result<Answer, TransportError> {
        let http = self.http(url).await.map_err(TransportError::NotSent)?;
        let mut request = http
            .post(url.clone())
            .header(ACCEPT, "application/json")
            // Without it a server may compress as it likes (RFC 9110 §12.5.3),
            // and nothing here could read that.
            .header(ACCEPT_ENCODING, "identity")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(form));
        if let Some(client) = client
            && let Some(secret) = &client.secret
        {
            // RFC 6749 §2.3.1: both are form-encoded first.
            let id: String = byte_serialize(client.id.as_bytes()).collect();
            let secret: String = byte_serialize(secret.secret.expose().as_bytes()).collect();
            request = request.basic_auth(id, Some(secret));
        }
        let response = request.send().await.map_err(|error| failure(url, error))?;
        read(url, response).await
    }

    /// Whose certificate is shown at `url`, whoever vouches for it: for people
    /// to see who stands between. `None` where none is, or where it cannot be
    /// read.
    pub async fn shown_certificate(&self, url: &Url) -> Option<ShownCertificate> {
        let way = Way::to(url, self.egress.as_deref()).ok()?;
        certificate::shown(way.take(common(self.patience)), url).await
    }

    async fn http(&self, url: &Url) -> Result<reqwest::Client, String> {
        let way = Way::to(url, self.egress.as_deref())?;
        let mut clients = self.clients.lock().await;
        if let Some(client) = clients.get(&way) {
            return Ok(client.clone());
        }
        let client = self.build(&way).await?;
        clients.insert(way, client.clone());
        Ok(client)
    }

    async fn build(&self, way: &Way) -> Result<reqwest::Client, String> {
        let builder = way.take(common(self.patience));
        if !way.is_secure() {
            return loopback(builder);
        }
        let ca_file = self.ca_file.clone();
        // The trust roots take milliseconds to load: not on the thread that
        // answers callers.
        let built = tokio::task::spawn_blocking(move || secure(builder, ca_file.as_deref()));
        built.await.map_err(|panic| panic.to_string())?
    }
}

/// For https, through the proxy that the environment names, if any.
fn secure(builder: ClientBuilder, ca_file: Option<&Path>) -> Result<reqwest::Client, String> {
    let mut builder = builder.https_only(true);
    if let Some(path) = ca_file {
        let roots = read_roots(path).map_err(|error| format!("{}: {error}", path.display()))?;
        builder = builder.tls_certs_merge(roots);
    }
    builder.build().map_err(|error| chain(&error))
}

/// For plain http, which [`crate::config`] lets through to loopback alone. A
/// proxy would carry the tokens off the machine, and a name server might send
/// `localhost` elsewhere.
fn loopback(builder: ClientBuilder) -> Result<reqwest::Client, String> {
    let port_of_the_url = 0;
    let addresses = [
        (Ipv4Addr::LOCALHOST, port_of_the_url).into(),
        (Ipv6Addr::LOCALHOST, port_of_the_url).into(),
    ];
    builder
        .no_proxy()
        .resolve_to_addrs("localhost", &addresses)
        // No trust roots: they take longer to load than the request does.
        .tls_certs_only([])
        .build()
        .map_err(|error| chain(&error))
}

fn common(patience: Patience) -> ClientBuilder {
    // Fails only where one is installed already, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("oic-tokend/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .connect_timeout(patience.connect)
        .timeout(patience.request)
        // Requests are minutes apart: a connection kept that long is often
        // dead, and whether a form sent into it arrived, nobody knows.
        .pool_max_idle_per_host(0)
}

fn read_roots(path: &Path) -> io::Result<Vec<Certificate>> {
    let mut pem = Vec::new();
    let mut file = File::open(path)?.take(CA_FILE_LEN_MAX + 1);
    file.read_to_end(&mut pem)?;
    if pem.len() as u64 > CA_FILE_LEN_MAX {
        return Err(io::Error::other(format!(
            "larger than {CA_FILE_LEN_MAX} bytes"
        )));
    }
    let roots =
        Certificate::from_pem_bundle(&pem).map_err(|error| io::Error::other(chain(&error)))?;
    if roots.is_empty() {
        return Err(io::Error::other("holds no certificate in PEM form"));
    }
    Ok(roots)
}

/// The HTTP library keeps its own copies of this, which are not wiped.
fn encode(form: Form) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &form.0 {
        body.append_pair(name, value.expose());
    }
    body.finish()
}

async fn read(url: &Url, mut response: Response) -> Result<Answer, TransportError> {
    // As long as announced, or at its longest, from the start: a buffer that
    // grows leaves copies behind, and one that is larger than needed takes
    // time to be wiped, while a new refresh token waits to be stored.
    let announced = response.content_length().map(usize::try_from);
    let len = announced.and_then(Result::ok).unwrap_or(ANSWER_LEN_MAX);
    let mut body = Zeroizing::new(Vec::with_capacity(len.min(ANSWER_LEN_MAX)));
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failure(url, error))?
    {
        if body.len() + chunk.len() > ANSWER_LEN_MAX {
            return Err(TransportError::Unanswered(format!(
                "{}: the answer is larger than {ANSWER_LEN_MAX} bytes",
                host(url)
            )));
        }
        body.extend_from_slice(&chunk);
    }
    let headers = response.headers();
    Ok(Answer {
        status: response.status().as_u16(),
        content_type: header(headers, CONTENT_TYPE.as_str()),
        retry_after: header(headers, RETRY_AFTER.as_str()),
        date: header(headers, DATE.as_str()),
        ecid: header(headers, ECID),
        body: Secret::new(std::mem::take(&mut *body)),
    })
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Only a failure before the connection stood is certain to have used nothing
/// up. One after that, and any time-out of the whole request, is not: the form
/// may have arrived.
fn failure(url: &Url, error: reqwest::Error) -> TransportError {
    let text = format!("{}: {}", host(url), chain(&error));
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(text)
    } else {
        TransportError::Unanswered(text)
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
