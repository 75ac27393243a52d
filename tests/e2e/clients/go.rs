//! The go command, with the helper in `GOAUTH`.

use std::fs;
use std::process::Command;

use oic_tests::harness::Home;
use oic_tests::harness::tls::Front;

use super::server::{Server, answer, bearer};
use super::{User, run, zip};

const MODULE: &str = "example.com/team/mod";

/// A module proxy behind TLS, as Go sends tokens nowhere else.
struct Proxy {
    server: Server,
    front: Front,
    certificate: String,
}

impl Proxy {
    fn start() -> Self {
        let (module, archive) = (format!("module {MODULE}\n"), archive());
        let server = Server::start("Bearer realm=\"modules\"", move |asked| {
            match asked.uri.path() {
                "/team/example.com/team/mod/@v/v0.1.0.info" => answer(
                    "application/json",
                    r#"{"Version":"v0.1.0","Time":"2026-01-02T03:04:05Z"}"#,
                ),
                "/team/example.com/team/mod/@v/v0.1.0.mod" => answer("text/plain", module.clone()),
                "/team/example.com/team/mod/@v/v0.1.0.zip" => {
                    answer("application/zip", archive.clone())
                }
                _ => None,
            }
        });
        let (front, certificate) = Front::tls(&server.url());
        Self {
            server,
            front,
            certificate,
        }
    }

    fn url(&self) -> String {
        format!("https://{}/team", self.front.address())
    }

    fn download(&self, user: &User, how: &str) -> Command {
        fs::write(user.path("ca.pem"), &self.certificate).unwrap();
        let mut go = user.command("go");
        go.args(["mod", "download", how, &format!("{MODULE}@v0.1.0")])
            .env("GOAUTH", "oic-token helper goauth; netrc")
            .env("GOPROXY", self.url())
            // Files that can be removed again.
            .env("GOFLAGS", "-modcacherw")
            .env("GONOSUMDB", "*")
            .env("GOTOOLCHAIN", "local")
            .env("GOTELEMETRY", "off")
            .env("SSL_CERT_FILE", user.path("ca.pem"));
        go
    }
}

fn archive() -> Vec<u8> {
    let home = Home::new("");
    let module = home.path("zip").join(format!("{MODULE}@v0.1.0"));
    fs::create_dir_all(&module).unwrap();
    fs::write(module.join("go.mod"), format!("module {MODULE}\n")).unwrap();
    zip(&home.path("zip"), &home.path("module.zip"));
    fs::read(home.path("module.zip")).unwrap()
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn a_module_is_downloaded_with_the_token() {
    let proxy = Proxy::start();
    let user = User::with_token_for(&proxy.url());
    proxy.server.admit(&bearer(&user.token()));
    let outcome = run(&mut proxy.download(&user, "-json"));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(proxy.server.brought(), [bearer(&user.token())]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_go_is_refused_and_shows_the_command_when_asked_to() {
    let proxy = Proxy::start();
    let user = User::with_token_for(&proxy.url());
    user.log_out();
    let outcome = run(&mut proxy.download(&user, "-json"));
    assert_ne!(outcome.code, 0);
    assert!(outcome.stdout.contains("401 Unauthorized"), "{outcome:?}");
    let outcome = run(&mut proxy.download(&user, "-x"));
    let said = outcome.stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(proxy.server.brought().is_empty());
}
