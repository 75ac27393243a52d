//! A git repository behind a server: `git http-backend`, which is a CGI
//! program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use oic_tests::harness::Home;

use super::clients;
use super::server::{Answer, Asked, Server};

/// A server with one repository, `/team/project.git`, that has one commit.
pub struct Repository {
    pub server: Server,
    /// Its folder; removed when dropped.
    home: Home,
}

impl Repository {
    /// Starts it, with this challenge to who brings no credential.
    pub fn serve(challenge: &'static str) -> Self {
        let home = Home::new("");
        let folder = home.path("served");
        git(
            &home,
            &[
                "init",
                "-q",
                "--bare",
                "-b",
                "main",
                "served/team/project.git",
            ],
        );
        git(&home, &["clone", "-q", "served/team/project.git", "first"]);
        commit(&home, "first", "first commit");
        git(&home, &["-C", "first", "push", "-q", "origin", "HEAD:main"]);
        let server = Server::start(challenge, move |asked| answer(&folder, asked));
        Self { server, home }
    }

    pub fn url(&self) -> String {
        format!("{}/team/project.git", self.server.url())
    }

    /// What the newest commit on the server says.
    pub fn newest(&self) -> String {
        let project = "served/team/project.git";
        git(
            &self.home,
            &["-C", project, "log", "-1", "--format=%s", "main"],
        )
    }
}

/// Commits something to the clone in `folder`.
pub fn commit(home: &Home, folder: &str, message: &str) {
    let who = ["-c", "user.name=Jane", "-c", "user.email=jane@example.com"];
    let what = ["-C", folder, "commit", "-q", "--allow-empty", "-m", message];
    git(home, &[&who[..], &what[..]].concat());
}

fn git(home: &Home, words: &[&str]) -> String {
    let output = home.command(&backend()).args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whichever git is there: the server's is not under test.
fn backend() -> PathBuf {
    let newer = clients().join("git");
    match newer.exists() {
        true => newer,
        false => clients().join("old_git"),
    }
}

fn answer(folder: &Path, asked: &Asked) -> Answer {
    let mut git = Command::new(backend());
    git.arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", asked.method.as_str())
        .env("PATH_INFO", asked.uri.path())
        .env("QUERY_STRING", asked.uri.query().unwrap_or_default())
        .env("CONTENT_LENGTH", asked.body.len().to_string())
        // Whoever is named may push.
        .env("REMOTE_USER", "jane");
    for (variable, name) in [
        ("CONTENT_TYPE", "content-type"),
        ("HTTP_CONTENT_ENCODING", "content-encoding"),
        ("GIT_PROTOCOL", "git-protocol"),
    ] {
        git.env(variable, text(&asked.headers, name));
    }
    let mut git = git
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have heard enough before all was said.
    let _ = git.stdin.take().unwrap().write_all(&asked.body);
    of_cgi(&git.wait_with_output().unwrap().stdout)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// RFC 3875 §6: header lines, one of which may be the status, and the body.
fn of_cgi(output: &[u8]) -> Answer {
    let end = output.windows(4).position(|it| it == b"\r\n\r\n")?;
    let mut answer = Response::builder();
    for line in std::str::from_utf8(&output[..end]).ok()?.lines() {
        let (name, value) = line.split_once(": ")?;
        answer = match name {
            "Status" => answer.status(value.split(' ').next()?),
            _ => answer.header(name, value),
        };
    }
    answer.body(Body::from(output[end + 4..].to_vec())).ok()
}
