//! kubectl, with the helper as its exec credential plugin.

use std::fs;
use std::process::Command;

use oic_tests::harness::tls::Front;
use serde_json::json;

use super::server::{Server, answer, bearer};
use super::{User, run};

const NAMESPACES: &str = "/api/v1/namespaces";

/// An API server behind TLS, as kubectl sends tokens nowhere else.
struct Cluster {
    server: Server,
    front: Front,
    certificate: String,
}

impl Cluster {
    fn start() -> Self {
        let server = Server::start("Bearer realm=\"kubernetes\"", |asked| {
            let known = asked.uri.path() == NAMESPACES;
            known.then(|| answer("application/json", r#"{"kind":"NamespaceList"}"#))?
        });
        let (front, certificate) = Front::tls(&server.url());
        Self {
            server,
            front,
            certificate,
        }
    }

    fn url(&self) -> String {
        format!("https://{}", self.front.address())
    }

    /// `kubectl get` of what is there, as the page about kubectl sets it up.
    fn asked_by(&self, user: &User, version: &str) -> Command {
        let exec = json!({
            "apiVersion": format!("client.authentication.k8s.io/{version}"),
            "command": "oic-token",
            "args": ["helper", "kubernetes"],
            "interactiveMode": "Never",
            "provideClusterInfo": true,
        });
        fs::write(user.path("ca.pem"), &self.certificate).unwrap();
        let cluster = json!({
            "server": self.url(),
            "certificate-authority": user.path("ca.pem"),
        });
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "ours", "cluster": cluster}],
            "users": [{"name": "oic", "user": {"exec": exec}}],
            "contexts": [{"name": "it", "context": {"cluster": "ours", "user": "oic"}}],
            "current-context": "it",
        });
        // JSON is YAML too.
        fs::write(user.path("kubeconfig"), config.to_string()).unwrap();
        let mut kubectl = user.command("kubectl");
        kubectl
            .env("KUBECONFIG", user.path("kubeconfig"))
            .args(["get", "--raw", NAMESPACES]);
        kubectl
    }
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn both_versions_of_the_plugin_send_the_token() {
    let cluster = Cluster::start();
    let user = User::with_token_for(&cluster.url());
    cluster.server.admit(&bearer(&user.token()));
    for version in ["v1", "v1beta1"] {
        let outcome = run(&mut cluster.asked_by(&user, version));
        assert_eq!(outcome.stderr, "", "{version}");
        assert_eq!(outcome.succeeded(), r#"{"kind":"NamespaceList"}"#);
    }
    assert_eq!(cluster.server.brought(), [bearer(&user.token())]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_kubectl_says_so() {
    let cluster = Cluster::start();
    let user = User::with_token_for(&cluster.url());
    user.log_out();
    let outcome = run(&mut cluster.asked_by(&user, "v1"));
    assert_ne!(outcome.code, 0);
    let said = outcome.stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(said.contains("failed with exit code 3"), "{said}");
    assert!(cluster.server.brought().is_empty());
}
