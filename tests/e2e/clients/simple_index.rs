//! A Python package index (PEP 503) with one package, for pip and uv.

use std::fs;

use oic_tests::harness::Home;

use super::server::{Server, answer};
use super::zip;

const WHEEL: &str = "team_package-0.1-py3-none-any.whl";
const ABOUT: &str = "team_package-0.1.dist-info";

/// Starts it; it wants a user name and a password.
pub fn start() -> Server {
    let wheel = wheel();
    let links = format!("<!DOCTYPE html><a href=\"../../files/{WHEEL}\">{WHEEL}</a>");
    let file = format!("/files/{WHEEL}");
    Server::start("Basic realm=\"packages\"", move |asked| {
        match asked.uri.path() {
            "/simple/team-package/" => answer("text/html", links.clone()),
            path if path == file => answer("application/octet-stream", wheel.clone()),
            _ => None,
        }
    })
}

fn wheel() -> Vec<u8> {
    let home = Home::new("");
    let folder = home.path("wheel");
    fs::create_dir_all(folder.join(ABOUT)).unwrap();
    fs::write(folder.join("team_package.py"), "").unwrap();
    for (name, text) in [
        (
            "METADATA",
            "Metadata-Version: 2.1\nName: team-package\nVersion: 0.1\n",
        ),
        (
            "WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        ("RECORD", "team_package.py,,\n"),
    ] {
        fs::write(folder.join(ABOUT).join(name), text).unwrap();
    }
    zip(&folder, &home.path(WHEEL));
    fs::read(home.path(WHEEL)).unwrap()
}
