//! Who shows a certificate at an address that is not trusted. Nothing secret
//! is sent there: one request without a body, to nobody in particular.

use oic_proto::shown;
use reqwest::{ClientBuilder, tls::TlsInfo};
use url::Url;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// Longest name that is shown, in characters.
const NAME_LEN_MAX: usize = 200;

/// A certificate, as far as people need it.
#[derive(Debug, PartialEq, Eq)]
pub struct ShownCertificate {
    /// Whose it is (RFC 4514).
    pub subject: String,
    /// Who issued it; likewise.
    pub issuer: String,
}

pub(super) async fn shown(builder: ClientBuilder, url: &Url) -> Option<ShownCertificate> {
    let client = builder
        .https_only(true)
        .tls_info(true)
        // To see what is shown is the purpose; what is said is not listened to.
        .tls_danger_accept_invalid_certs(true)
        .build()
        .ok()?;
    let mut origin = url.clone();
    origin.set_path("/");
    let response = client.head(origin).send().await.ok()?;
    read(response.extensions().get::<TlsInfo>()?.peer_certificate()?)
}

fn read(der: &[u8]) -> Option<ShownCertificate> {
    let certificate = Certificate::from_der(der).ok()?;
    let fields = certificate.tbs_certificate();
    Some(ShownCertificate {
        subject: shortened(&fields.subject().to_string()),
        issuer: shortened(&fields.issuer().to_string()),
    })
}

/// Anybody may have written it.
fn shortened(name: &str) -> String {
    let shown = name.chars().map(shown::harmless);
    shown.take(NAME_LEN_MAX).collect()
}
