//! One `[profile.NAME]`.

use std::collections::BTreeSet;
use std::time::Duration;

use oic_proto::host::HostPattern;
use url::{Host, Url};

use super::allow;
use super::keys;
use super::secret_file::{self, Places};
use super::table::{Table, Value};
use super::token_file;
use super::{Client, ClientSecret, Endpoints, Error, ProfileConfig};
use crate::lifecycle::RefreshTokenExpiry;

/// Longest name of a profile, in bytes. It is part of a file's name.
const NAME_LEN_MAX: usize = 64;

/// Longest life of a refresh token that makes sense to write, in seconds: ten
/// years.
const REFRESH_TOKEN_LIFETIME_MAX: u64 = 10 * 365 * 24 * 3600;

/// What refresh tokens of OCI IAM live unless an administrator sets another
/// time: seven days.
const REFRESH_TOKEN_LIFETIME_OF_DOMAINS: Duration = Duration::from_secs(7 * 24 * 3600);

/// The endpoints that a profile without `domain` names one by one.
const ENDPOINT_KEYS: [&str; 3] = [
    "device_authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
];

/// Fields that the device authorization request has already (RFC 6749 §3.1:
/// none may be there twice), and the secret, which does not belong there.
const DEVICE_AUTHORIZATION_FIELDS: [&str; 3] = ["client_id", "client_secret", "scope"];

/// Likewise of the token requests.
const TOKEN_FIELDS: [&str; 5] = [
    "client_id",
    "client_secret",
    "device_code",
    "grant_type",
    "refresh_token",
];

/// What asks for a refresh token.
const OFFLINE_ACCESS: &str = "offline_access";

/// All profiles, in the order of the file.
pub(super) fn read_all(root: &Table<'_>, files: &Places<'_>) -> Result<Vec<ProfileConfig>, Error> {
    let missing = || {
        root.refuse("no profile").hint(format!(
            "'oic-token setup' writes one into your own configuration, and with '--config {}' \
             into this one; it is a table [profile.NAME] with 'domain', 'client_id' and 'scopes'",
            root.file()
        ))
    };
    let all = root.table("profile")?.ok_or_else(missing)?;
    let mut profiles = Vec::new();
    let mut spellings = BTreeSet::new();
    for name in all.keys() {
        check_name(&name)?;
        // Some file systems take Prod and prod for one file, and two sessions
        // in one file would overwrite each other's refresh token.
        if !spellings.insert(name.value.to_ascii_lowercase()) {
            return Err(name.refuse("another profile has this name, but for capitals"));
        }
        if let Some(table) = all.table(name.value)? {
            profiles.push(read(name.value, &table, files)?);
        }
    }
    if profiles.is_empty() {
        return Err(missing());
    }
    Ok(profiles)
}

/// Whether a profile may be called so. A name stands on command lines and in
/// file names: it is neither an option nor a hidden file nor a path.
pub fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=NAME_LEN_MAX).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with(['.', '-'])
}

fn check_name(name: &Value<'_, &str>) -> Result<(), Error> {
    if is_name(name.value) {
        return Ok(());
    }
    Err(name.refuse(format!(
        "expected a name of 1 to {NAME_LEN_MAX} letters, digits, '.', '_' or '-', \
         the first not '.' or '-'"
    )))
}

fn read(name: &str, table: &Table<'_>, files: &Places<'_>) -> Result<ProfileConfig, Error> {
    table.allow_only(&keys::names(keys::PROFILE))?;
    let domain = domain(table)?;
    let endpoints = match &domain {
        Some(domain) => of_domain(domain),
        None => one_by_one(table)?,
    };
    let mut reserved = DEVICE_AUTHORIZATION_FIELDS.to_vec();
    let mut device_authorization_params = Vec::new();
    if domain.is_some() {
        // OCI IAM wants it at its device endpoint, where RFC 8628 has none.
        reserved.push("response_type");
        device_authorization_params.push(("response_type".to_owned(), "device_code".to_owned()));
    }
    device_authorization_params.extend(params(table, "device_authorization_params", &reserved)?);
    let (scopes, offline_access) = scopes(table)?;
    Ok(ProfileConfig {
        name: name.to_owned(),
        endpoints,
        client: Client {
            id: client_id(table)?,
            secret: client_secret(table, files)?,
        },
        scopes,
        offline_access,
        refresh_token_lifetime: refresh_token_lifetime(table)?.or(domain
            .is_some()
            .then_some(REFRESH_TOKEN_LIFETIME_OF_DOMAINS)),
        refresh_token_expiry: refresh_token_expiry(table)?,
        authenticate_device_authorization: domain.is_none(),
        device_authorization_params,
        token_params: params(table, "token_params", &TOKEN_FIELDS)?,
        memory_only: memory_only(table)?,
        verification_hosts: verification_hosts(table, domain.as_ref())?,
        hosts: hosts(table)?,
        file: token_file::read(table)?,
        allow: allow::read(table)?,
    })
}

/// Where else than at its own host users of a domain sign in, or where alone
/// those of another server do.
fn verification_hosts(table: &Table<'_>, domain: Option<&Url>) -> Result<Vec<String>, Error> {
    let own = domain.and_then(Url::host_str).map(str::to_owned);
    let mut hosts = Vec::from_iter(own);
    for named in table
        .strings("verification_hosts")?
        .into_iter()
        .flat_map(|it| it.value)
    {
        // Written as they stand in a URL, so that they can be compared.
        let url = Url::parse(&format!("https://{}", named.value)).ok();
        let host = url.as_ref().and_then(Url::host_str);
        match host.filter(|host| host.eq_ignore_ascii_case(named.value)) {
            Some(host) => hosts.push(host.to_owned()),
            None => return Err(named.refuse("expected the name of a host and nothing else")),
        }
    }
    Ok(hosts)
}

fn domain(table: &Table<'_>) -> Result<Option<Url>, Error> {
    let Some(value) = table.string("domain")? else {
        return Ok(None);
    };
    if let Some(key) = ENDPOINT_KEYS.into_iter().find(|key| table.has(key)) {
        return Err(value.refuse(format!(
            "expected 'domain' or endpoints, found both: a domain has its own {key}"
        )));
    }
    let url = endpoint(&value)?;
    if url.path() != "/" || url.query().is_some() {
        return Err(value
            .refuse("expected a URL without a path")
            .hint(format!("write \"{}\"", url.origin().ascii_serialization())));
    }
    Ok(Some(url))
}

fn of_domain(domain: &Url) -> Endpoints {
    let at = |path: &str| {
        let mut url = domain.clone();
        url.set_path(path);
        url
    };
    Endpoints {
        device_authorization: at("/oauth2/v1/device"),
        token: at("/oauth2/v1/token"),
        revocation: Some(at("/oauth2/v1/revoke")),
    }
}

fn one_by_one(table: &Table<'_>) -> Result<Endpoints, Error> {
    let find = |key| table.string(key)?.map(|value| endpoint(&value)).transpose();
    if !ENDPOINT_KEYS.into_iter().any(|key| table.has(key)) {
        let expected = "the URL of an OCI IAM identity domain, or endpoints instead";
        return Err(table.missing("domain", expected));
    }
    let require = |key| find(key)?.ok_or_else(|| table.missing(key, "a URL"));
    Ok(Endpoints {
        device_authorization: require("device_authorization_endpoint")?,
        token: require("token_endpoint")?,
        revocation: find("revocation_endpoint")?,
    })
}

/// A URL that a form with secrets may be posted to.
fn endpoint(value: &Value<'_, &str>) -> Result<Url, Error> {
    let url = Url::parse(value.value).map_err(|error| {
        value
            .refuse(format!("expected a URL: {error}"))
            .hint("write it whole, with 'https://' in front")
    })?;
    // Not quoted: there may be a password in it.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(value.refuse("expected a URL without a user name or password"));
    }
    if url.fragment().is_some() {
        return Err(value.refuse("expected a URL without a fragment (RFC 6749 §3.1)"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(value.refuse(
            "expected https: over plain http, which is for loopback addresses alone, \
             anybody on the way could read the tokens",
        )),
        other => Err(value.refuse(format!("expected https, found {other}"))),
    }
}

/// `localhost` too: [`crate::endpoint`] does not ask a name server for it.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn client_id(table: &Table<'_>) -> Result<String, Error> {
    let expected = "the client id of the registered application";
    let id = table
        .string("client_id")?
        .ok_or_else(|| table.missing("client_id", expected))?;
    // RFC 6749 appendix A.1.
    if id.value.is_empty() || !id.value.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return Err(id.refuse(format!("expected {expected}, in printable ASCII")));
    }
    Ok(id.value.to_owned())
}

fn client_secret(table: &Table<'_>, files: &Places<'_>) -> Result<Option<ClientSecret>, Error> {
    if let Some(inline) = table.string("client_secret")? {
        return Err(inline
            .refuse("a secret does not belong into a configuration")
            .hint("put it into a file of mode 600 and name that: client_secret_file = \"FILE\""));
    }
    let file = table.string("client_secret_file")?;
    file.map(|named| secret_file::read(&named, files))
        .transpose()
}

/// The scopes, and whether to ask for a refresh token.
fn scopes(table: &Table<'_>) -> Result<(Vec<String>, bool), Error> {
    let expected = "an array of at least one scope";
    let written = table
        .strings("scopes")?
        .ok_or_else(|| table.missing("scopes", expected))?;
    let offline_access = table.boolean(OFFLINE_ACCESS)?;
    let mut scopes: Vec<String> = Vec::new();
    for scope in &written.value {
        check_scope(scope)?;
        if scope.value == OFFLINE_ACCESS {
            // It is asked for anyway; written out, it is no contradiction.
            if offline_access.as_ref().is_some_and(|asked| !asked.value) {
                return Err(scope.refuse("contradicts offline_access = false"));
            }
        } else if scopes.iter().any(|earlier| earlier == scope.value) {
            return Err(scope.refuse("this scope is there twice"));
        } else {
            scopes.push(scope.value.to_owned());
        }
    }
    if scopes.is_empty() {
        return Err(written.refuse(format!("expected {expected} besides '{OFFLINE_ACCESS}'")));
    }
    Ok((scopes, offline_access.is_none_or(|asked| asked.value)))
}

/// RFC 6749 §3.3: scope-token. A space would make two of one.
fn check_scope(scope: &Value<'_, &str>) -> Result<(), Error> {
    let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    match scope.value.bytes().all(allowed) && !scope.value.is_empty() {
        true => Ok(()),
        false if scope.value.contains(' ') => {
            Err(scope.refuse("expected one scope a string, found a space"))
        }
        false => Err(scope.refuse("expected a scope of printable ASCII without '\"' and '\\'")),
    }
}

/// Written out, an empty list would promise what is not kept: the client takes
/// it for none.
fn hosts(table: &Table<'_>) -> Result<Vec<String>, Error> {
    let Some(written) = table.strings("hosts")? else {
        return Ok(Vec::new());
    };
    if written.value.is_empty() {
        return Err(written.refuse("expected an array of at least one host"));
    }
    let mut hosts = Vec::new();
    for host in &written.value {
        if HostPattern::parse(host.value).is_none() {
            return Err(host.refuse(format!(
                "expected \"HOST\" or \"*.DOMAIN\" without scheme and port, found {:?}",
                host.value
            )));
        }
        hosts.push(host.value.to_owned());
    }
    Ok(hosts)
}

/// In seconds, as authorization servers have it in their settings.
fn refresh_token_lifetime(table: &Table<'_>) -> Result<Option<Duration>, Error> {
    let Some(written) = table.integer("refresh_token_lifetime")? else {
        return Ok(None);
    };
    match u64::try_from(written.value) {
        Ok(seconds @ 1..=REFRESH_TOKEN_LIFETIME_MAX) => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(written.refuse(format!(
            "expected a number of seconds from 1 to {REFRESH_TOKEN_LIFETIME_MAX}"
        ))),
    }
}

fn refresh_token_expiry(table: &Table<'_>) -> Result<RefreshTokenExpiry, Error> {
    let Some(written) = table.string("refresh_token_expiry")? else {
        return Ok(RefreshTokenExpiry::Sliding);
    };
    match written.value {
        "sliding" => Ok(RefreshTokenExpiry::Sliding),
        "absolute" => Ok(RefreshTokenExpiry::Absolute),
        other => Err(written
            .refuse(format!("expected \"sliding\" or \"absolute\", found {other:?}"))
            .hint("sliding: each renewal starts the lifetime anew; absolute: it counts from the login")),
    }
}

fn memory_only(table: &Table<'_>) -> Result<bool, Error> {
    let Some(written) = table.string("store")? else {
        return Ok(false);
    };
    match written.value {
        "disk" => Ok(false),
        "memory-only" => Ok(true),
        other => Err(written
            .refuse(format!(
                "expected \"disk\" or \"memory-only\", found {other:?}"
            ))
            .hint("memory-only: nothing of the session is written, and a restart needs a login")),
    }
}

fn params(table: &Table<'_>, key: &str, reserved: &[&str]) -> Result<Vec<(String, String)>, Error> {
    let Some(fields) = table.table(key)? else {
        return Ok(Vec::new());
    };
    let mut params = Vec::new();
    for name in fields.keys() {
        if reserved.contains(&name.value) {
            return Err(name.refuse("this field is set by oic-tokend itself"));
        }
        if let Some(value) = fields.string(name.value)? {
            params.push((name.value.to_owned(), value.value.to_owned()));
        }
    }
    Ok(params)
}
