//! The keys of the configuration, and what each means: what is refused as
//! unknown, and what the README and oic-tokend.toml(5) say, is this list.

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// For users; what they would type stands between backticks.
    pub meaning: &'static str,
}

const fn key(name: &'static str, meaning: &'static str) -> Key {
    Key { name, meaning }
}

/// What `keys` are called.
pub(super) fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}

/// What may stand at the top.
pub const TOP: &[Key] = &[
    key(
        "default_profile",
        "the profile meant when none is named; where there is only one, that one",
    ),
    key(
        "copied_sessions",
        "what to do with a session that was copied here, by a backup say: `\"refuse\"` to renew \
         it unless this says `\"use\"`",
    ),
    key(
        "session_key",
        "where the key of the stored sessions comes from: `\"file\"` beside them, \
         `\"credential:NAME\"` of systemd, `\"passphrase\"`, `\"secret-service\"` or `\"dpapi\"` \
         (docs/decisions/0011-where-the-key-comes-from.md)",
    ),
    key(
        "fence",
        "`false` leaves the daemon with every right of its user, to find out whether the fence \
         (docs/decisions/0014-fence.md) is in the way",
    ),
    key(
        "ca_file",
        "certificates, PEM, trusted besides the system's (a company's proxy)",
    ),
    key(
        "hooks",
        "`[hooks]`: programs that are told of `login_needed`, `outage` and so on; `desktop = false` \
         shows nothing on the desktop (docs/hooks.md)",
    ),
    key(
        "helper",
        "`[[helper]]`: whose token credential helpers give to which URL, by `url`, `profile`, \
         `username` and `realm` (docs/helpers)",
    ),
    key(
        "forward",
        "`[forward]`: a second socket for other machines and containers, by `socket`, `profiles` \
         and `allow` (docs/forwarding.md)",
    ),
    key(
        "credentials",
        "`[credentials]`: a socket for `LoadCredential=` of systemd units, by `socket` and \
         `units = { \"job.service\" = \"prod\" }` (docs/helpers/systemd.md)",
    ),
    key(
        "profile",
        "`[profile.NAME]`, a table each: one client, one resource, one user",
    ),
];

/// What may stand in a profile.
pub const PROFILE: &[Key] = &[
    key(
        "domain",
        "an OCI IAM identity domain's URL; gives all endpoints",
    ),
    key(
        "device_authorization_endpoint",
        "instead of `domain`: any RFC 8628 server",
    ),
    key("token_endpoint", "likewise"),
    key(
        "revocation_endpoint",
        "likewise, where the server has one (RFC 7009)",
    ),
    key("client_id", "the registered client"),
    key(
        "client_secret_file",
        "for a confidential client: a file, mode 0600, with its secret",
    ),
    key(
        "client_secret",
        "refused: a secret does not belong here, but into `client_secret_file`",
    ),
    key("scopes", "what to ask for"),
    key(
        "hosts",
        "hosts (`\"api.example.com\"`, `\"*.example.com\"`) to which alone `oic-token curl` takes \
         the token",
    ),
    key(
        "file",
        "`[profile.NAME.file]` with `path = \"/run/app/token\"`: a file that always has the access \
         token, for services that read theirs from one; `mode = \"0640\"`, `group = \"app\"` \
         (docs/token-files.md)",
    ),
    key(
        "offline_access",
        "`false` asks for no refresh token: `offline_access` is not added to the scopes",
    ),
    key(
        "refresh_token_lifetime",
        "how long a refresh token lives, in seconds: 604800 (seven days) with `domain`, else \
         unknown; what the server says in an answer goes before",
    ),
    key(
        "refresh_token_expiry",
        "`\"sliding\"`: each renewal starts that life anew; `\"absolute\"`: it counts from the \
         login, and users sign in again when it is over",
    ),
    key(
        "store",
        "`\"disk\"`, or `\"memory-only\"`: nothing of this profile's session is ever written; \
         over a restart systemd keeps it, or a login is needed",
    ),
    key(
        "verification_hosts",
        "where users may sign in besides the domain's own host, or where alone with endpoints; a \
         login that leads elsewhere is refused",
    ),
    key(
        "allow",
        "`{ users = [\"alice\", \"1001\"], groups = [\"ops\"] }`: who may have this profile's access \
         tokens besides the daemon's own user and root",
    ),
    key(
        "device_authorization_params",
        "further form fields of the device authorization request, for servers that want them",
    ),
    key("token_params", "likewise of every token request"),
];
