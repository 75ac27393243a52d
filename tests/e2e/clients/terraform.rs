//! Terraform, with its credentials helper.

use std::fs;
use std::process::Command;

use axum::http::Response;
use oic_tests::harness::Home;
use oic_tests::harness::tls::Front;

use super::server::{Server, answer, bearer};
use super::{User, run};

const SERVICES: &str = r#"{"modules.v1":"/modules/"}"#;
const VERSIONS: &str = r#"{"modules":[{"versions":[{"version":"0.1.0"}]}]}"#;

/// A module registry behind TLS, as Terraform knows no other.
struct Registry {
    server: Server,
    front: Front,
    certificate: String,
    /// Holds its module; removed when dropped.
    _home: Home,
}

impl Registry {
    fn start() -> Self {
        let home = Home::new("");
        let module = home.path("module");
        fs::create_dir(&module).unwrap();
        fs::write(module.join("main.tf"), "").unwrap();
        let location = format!("file://{}", module.display());
        let server = Server::start("Bearer realm=\"modules\"", move |asked| {
            match asked.uri.path() {
                "/.well-known/terraform.json" => answer("application/json", SERVICES),
                "/modules/team/network/any/versions" => answer("application/json", VERSIONS),
                "/modules/team/network/any/0.1.0/download" => {
                    let answer = Response::builder().header("X-Terraform-Get", &location);
                    answer.status(204).body(Vec::new().into()).ok()
                }
                _ => None,
            }
        });
        let (front, certificate) = Front::tls(&server.url());
        Self {
            server,
            front,
            certificate,
            _home: home,
        }
    }

    fn url(&self) -> String {
        format!("https://{}", self.front.address())
    }

    /// `terraform init` where a module of the registry is used.
    fn init(&self, user: &User) -> Command {
        fs::write(user.path("ca.pem"), &self.certificate).unwrap();
        let source = format!("{}/team/network/any", self.front.address());
        let module = format!("module \"n\" {{\n source = \"{source}\"\n version = \"0.1.0\"\n}}\n");
        fs::write(user.path("main.tf"), module).unwrap();
        let mut terraform = user.command("terraform");
        terraform
            .args(["init", "-no-color", "-input=false"])
            .env("CHECKPOINT_DISABLE", "1")
            .env("SSL_CERT_FILE", user.path("ca.pem"));
        terraform
    }
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn a_module_is_installed_with_the_token() {
    let registry = Registry::start();
    let user = User::with_token_for(&registry.url());
    user.install("terraform");
    registry.server.admit(&bearer(&user.token()));
    let outcome = run(&mut registry.init(&user));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let modules = fs::read_to_string(user.path(".terraform/modules/modules.json")).unwrap();
    assert!(modules.contains("team/network/any"), "{modules}");
    assert_eq!(registry.server.brought(), [bearer(&user.token())]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_terraform_is_refused_and_its_helper_shows_the_command() {
    let registry = Registry::start();
    let user = User::with_token_for(&registry.url());
    user.install("terraform");
    user.log_out();
    let outcome = run(&mut registry.init(&user));
    assert_ne!(outcome.code, 0);
    assert!(outcome.stderr.contains("401 Unauthorized"), "{outcome:?}");
    let helper = ["helper", "terraform", "get", &registry.front.address()];
    let said = user.signed_in.home.oic_token(&helper).stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(registry.server.brought().is_empty());
}
