//! The authorization server of `tests/peers`: npm's `oidc-provider`, which
//! rotates refresh tokens and revokes the whole grant when one is used twice.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Home, http};

/// The server, running; it ends when this is dropped, or the process ends.
#[derive(Debug)]
pub struct RealServer {
    child: Child,
    facts: Value,
}

impl RealServer {
    /// Starts it, with access tokens that live this many seconds.
    ///
    /// # Errors
    ///
    /// It is not installed, or does not come up.
    pub fn start(lifetime: u32) -> Result<Self, String> {
        let folder = folder();
        if !folder.join("node_modules/oidc-provider").exists() {
            return Err("oidc-provider is not installed; tests/run does that".to_owned());
        }
        let mut child = Command::new("node")
            .arg(folder.join("authorization-server.mjs"))
            .args(["--access-token-lifetime", &lifetime.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("node does not start: {error}"))?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let mut server = Self {
            child,
            facts: Value::Null,
        };
        let mut ready = String::new();
        BufReader::new(stdout)
            .read_line(&mut ready)
            .map_err(|error| format!("the server cannot be heard: {error}"))?;
        server.facts = serde_json::from_str(&ready)
            .map_err(|_| "the server does not say where it is".to_owned())?;
        Ok(server)
    }

    /// What it says of itself when it starts, by name.
    ///
    /// # Panics
    ///
    /// When it says no such thing.
    pub fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().expect(name)
    }

    /// A configuration for `oic-tokend` with one profile, `real`, that fits.
    pub fn config(&self) -> String {
        self.config_with_token_endpoint(self.fact("token_endpoint"))
    }

    /// The same, with token requests sent there.
    pub fn config_with_token_endpoint(&self, token_endpoint: &str) -> String {
        let resource = &self.facts["token_params"]["resource"];
        format!(
            "[profile.real]\n\
             device_authorization_endpoint = \"{}\"\n\
             token_endpoint = \"{token_endpoint}\"\n\
             revocation_endpoint = \"{}\"\n\
             client_id = \"{}\"\n\
             scopes = {}\n\
             device_authorization_params = {{ resource = {resource} }}\n\
             token_params = {{ resource = {resource} }}\n",
            self.fact("device_authorization_endpoint"),
            self.fact("revocation_endpoint"),
            self.fact("client_id"),
            self.facts["scopes"],
        )
    }

    /// Plays the end user, who allows what waits under this user code.
    ///
    /// # Panics
    ///
    /// When nothing does.
    pub fn approve(&self, user_code: &str) {
        let path = format!("/approve?user_code={user_code}");
        let (status, body) = http::post(self.fact("control_url"), &path);
        assert_eq!(status, 200, "{body}");
    }

    /// What its control listener says at `path`.
    ///
    /// # Panics
    ///
    /// When it says nothing.
    pub fn control(&self, path: &str) -> Value {
        let (_, body) = http::get(self.fact("control_url"), path, "X-Test: yes");
        serde_json::from_str(&body).expect("the control listener speaks JSON")
    }

    /// Refreshes that it granted.
    ///
    /// # Panics
    ///
    /// When it does not say.
    pub fn refreshes(&self) -> usize {
        let log = self.control("/log");
        let requests = log.as_array().expect("the log is a list").iter();
        requests
            .filter(|it| it["grant_type"] == "refresh_token" && it["status"] == 200)
            .count()
    }

    /// Grants that were revoked, whatever the reason.
    ///
    /// # Panics
    ///
    /// When it does not say.
    pub fn grants_revoked(&self) -> u64 {
        let grants = self.control("/grants");
        grants["revoked"].as_u64().expect("grants are counted")
    }

    /// Signs in the user of `home`, whose daemon has this server's
    /// configuration. `meanwhile` is called once the user has said yes, and
    /// before the end is waited for.
    ///
    /// # Panics
    ///
    /// When the login fails; with its end.
    pub fn sign_in(&self, home: &Home, meanwhile: impl FnOnce()) {
        let mut login = home.start_oic_token(&["login", "--no-browser", "--json"]);
        let prompt: Value = serde_json::from_str(&login.line()).expect("a prompt is JSON");
        self.approve(prompt["user_code"].as_str().expect("a prompt has a code"));
        meanwhile();
        let end: Value = serde_json::from_str(&login.line()).expect("an end is JSON");
        assert_eq!(end["event"], "signed_in", "{end}");
        assert_eq!(end["subject"], self.fact("subject"));
        assert_eq!(login.finish().code, 0);
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}
