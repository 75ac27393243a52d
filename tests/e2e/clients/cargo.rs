//! Cargo, with the helper as a credential provider.

use std::fs;
use std::path::Path;
use std::process::Command;

use oic_tests::harness::Home;
use serde_json::json;

use super::server::{Server, answer, bearer};
use super::{User, run, sha256};

/// The crate that the registry has.
const CRATE: &str = "hello-team-0.1.0";

/// A sparse registry that wants a credential for everything.
fn registry(user_folder: &Path) -> Server {
    let package = packed(user_folder);
    let entry = json!({
        "name": "hello-team",
        "vers": "0.1.0",
        "deps": [],
        "cksum": sha256(&package),
        "features": {},
        "yanked": false,
    });
    Server::start("Bearer realm=\"crates\"", move |asked| {
        let host = asked.headers["host"].to_str().unwrap();
        let config = json!({"dl": format!("http://{host}/index/dl"), "auth-required": true});
        match asked.uri.path() {
            "/index/config.json" => answer("application/json", config.to_string()),
            "/index/he/ll/hello-team" => answer("text/plain", format!("{entry}\n")),
            "/index/dl/hello-team/0.1.0/download" => answer("application/gzip", package.clone()),
            _ => None,
        }
    })
}

fn packed(folder: &Path) -> Vec<u8> {
    let source = folder.join(CRATE);
    fs::create_dir_all(source.join("src")).unwrap();
    let manifest = "[package]\nname = \"hello-team\"\nversion = \"0.1.0\"\n";
    fs::write(source.join("Cargo.toml"), manifest).unwrap();
    fs::write(source.join("src/lib.rs"), "").unwrap();
    let tar = Command::new("tar")
        .args(["czf", "-", CRATE])
        .current_dir(folder)
        .output();
    tar.unwrap().stdout
}

/// `cargo fetch` in a package that depends on the registry's.
fn fetch(user: &User, server: &Server) -> Command {
    let project = user.path("project");
    fs::create_dir_all(project.join("src")).unwrap();
    fs::create_dir_all(project.join(".cargo")).unwrap();
    let manifest = "[package]\nname = \"project\"\nedition = \"2024\"\n\
        [dependencies]\nhello-team = { version = \"0.1\", registry = \"ours\" }\n";
    fs::write(project.join("Cargo.toml"), manifest).unwrap();
    fs::write(project.join("src/lib.rs"), "").unwrap();
    let config = format!(
        "[registries.ours]\nindex = \"sparse+{}/index/\"\n\
         credential-provider = [\"cargo-credential-oic\"]\n",
        server.url()
    );
    fs::write(project.join(".cargo/config.toml"), config).unwrap();
    let cargo = Path::new(env!("CARGO"));
    let mut command = user.command(env!("CARGO"));
    command
        .env("RUSTC", cargo.with_file_name("rustc"))
        .arg("fetch")
        .current_dir(project);
    command
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn index_and_crate_are_fetched_with_the_token() {
    let crates = Home::new("");
    let server = registry(&crates.path(""));
    let user = User::with_token_for(&format!("{}/index", server.url()));
    user.install("cargo");
    server.admit(&bearer(&user.token()));
    run(&mut fetch(&user, &server)).succeeded();
    let lock = fs::read_to_string(user.path("project/Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"hello-team\""), "{lock}");
    assert_eq!(server.brought(), [bearer(&user.token())]);
}

#[test]
#[ignore = "drives a real program: tests/run"]
fn once_the_login_is_over_cargo_says_so() {
    let crates = Home::new("");
    let server = registry(&crates.path(""));
    let user = User::with_token_for(&format!("{}/index", server.url()));
    user.install("cargo");
    user.log_out();
    let outcome = run(&mut fetch(&user, &server));
    assert_ne!(outcome.code, 0);
    let said = outcome.stderr;
    assert!(said.contains("run 'oic-token login sim'"), "{said}");
    assert!(server.brought().is_empty());
}
