//! A registry of container images (OCI distribution) with one image.

use serde_json::json;

use super::server::{Server, answer};
use super::sha256;

/// The image, behind the host.
pub const IMAGE: &str = "team/image:1";

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// Starts it; it wants a user name and a password.
pub fn start() -> Server {
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": []},
    })
    .to_string();
    let digest = format!("sha256:{}", sha256(config.as_bytes()));
    let blob = format!("/v2/team/image/blobs/{digest}");
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "size": config.len(), "digest": digest},
        "layers": [],
    })
    .to_string();
    Server::start("Basic realm=\"images\"", move |asked| {
        match asked.uri.path() {
            "/v2/" => answer("application/json", "{}"),
            "/v2/team/image/manifests/1" => answer(MANIFEST, manifest.clone()),
            path if path == blob => answer(CONFIG, config.clone()),
            _ => None,
        }
    })
}
