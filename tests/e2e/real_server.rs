//! Against an authorization server that nobody here wrote: npm's
//! `oidc-provider`, which rotates refresh tokens and revokes the whole grant
//! when one is used twice. `tests/run` installs it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use oic_tests::harness::{Daemon, Home, http};
use serde_json::Value;

/// Lifetime of the access tokens, in seconds.
const LIFETIME: u32 = 5;

/// Renewals that the session has to survive.
const RENEWALS: usize = 20;

/// The daemon is killed after each so many renewals.
const KILLED_EVERY: usize = 4;

/// The server, running; it ends when its stdin closes.
struct RealServer {
    child: Child,
    facts: Value,
}

impl RealServer {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        assert!(
            folder.join("node_modules/oidc-provider").exists(),
            "oidc-provider is not installed: tests/run installs it, \
             and tests/run --offline-peers leaves this test out"
        );
        let mut child = Command::new("node")
            .arg(folder.join("authorization-server.mjs"))
            .args(["--access-token-lifetime", &LIFETIME.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed");
        let mut ready = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut ready).unwrap();
        let facts = serde_json::from_str(&ready).expect("the server says where it is");
        Self { child, facts }
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().expect(name)
    }

    fn config(&self) -> String {
        let resource = self.facts["token_params"]["resource"].as_str().unwrap();
        let scopes = self.facts["scopes"].to_string();
        format!(
            "[profile.real]\n\
             device_authorization_endpoint = \"{}\"\n\
             token_endpoint = \"{}\"\n\
             revocation_endpoint = \"{}\"\n\
             client_id = \"{}\"\n\
             scopes = {}\n\
             device_authorization_params = {{ resource = \"{resource}\" }}\n\
             token_params = {{ resource = \"{resource}\" }}\n",
            self.fact("device_authorization_endpoint"),
            self.fact("token_endpoint"),
            self.fact("revocation_endpoint"),
            self.fact("client_id"),
            scopes
                .replace("\"offline_access\",", "")
                .replace(",\"offline_access\"", ""),
        )
    }

    fn approve(&self, user_code: &str) {
        let path = format!("/approve?user_code={user_code}");
        let (status, body) = http::post(self.fact("control_url"), &path);
        assert_eq!(status, 200, "{body}");
    }

    fn control(&self, path: &str) -> Value {
        let (_, body) = http::get(self.fact("control_url"), path, "X-Test: yes");
        serde_json::from_str(&body).unwrap()
    }

    fn refreshes(&self) -> usize {
        let log = self.control("/log");
        let requests = log.as_array().expect("the log is a list").iter();
        requests
            .filter(|it| it["grant_type"] == "refresh_token" && it["status"] == 200)
            .count()
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn sign_in(server: &RealServer, home: &Home) {
    let mut login = home.start_oic_token(&["login", "--no-browser", "--json"]);
    let prompt: Value = serde_json::from_str(&login.line()).unwrap();
    server.approve(prompt["user_code"].as_str().unwrap());
    let end: Value = serde_json::from_str(&login.line()).unwrap();
    assert_eq!(end["event"], "signed_in", "{end}");
    assert_eq!(end["subject"], server.fact("subject"));
    assert_eq!(login.finish().code, 0);
}

#[test]
fn a_session_survives_renewals_and_kills_and_no_grant_is_revoked() {
    let server = RealServer::start();
    let home = Home::new(&server.config());
    let mut daemon = Daemon::start(&home);
    sign_in(&server, &home);

    let mut obtained = 1;
    let mut kills = 0;
    let mut tokens = BTreeSet::new();
    while tokens.len() < RENEWALS {
        obtained += 1;
        daemon.wait_for_log_times("access token obtained", obtained);
        // The one before has less than this left, so this is a newer one; and
        // a token that is handed out is on disk: now a kill costs nothing.
        let get = home.oic_token(&["get", "--min-valid", "3"]);
        tokens.insert(get.succeeded());
        if tokens.len() / KILLED_EVERY > kills {
            kills += 1;
            daemon.kill();
            daemon = Daemon::start(&home);
            obtained = 0;
        }
    }
    assert!(server.refreshes() >= RENEWALS);
    home.oic_token(&["get", "--min-valid", "0"]).succeeded();
    assert_eq!(server.control("/grants")["revoked"], 0);

    home.oic_token(&["logout"]).succeeded();
    assert_eq!(home.oic_token(&["get"]).code, 3);
}
