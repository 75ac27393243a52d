//! What mends what an authorization server complains about. In OCI IAM three
//! applications have to agree: the client, the resource, and whoever signs in.

/// The switch without which a resource gives no refresh tokens.
const ALLOW_TOKEN_REFRESH: &str = "in the OCI console, Oracle Cloud Services > the resource (the \
     integration instance) > OAuth configuration: switch on 'Allow token refresh'; or set \
     offline_access = false and sign in anew every hour";

const GRANTS: &str = "in the OCI console, Integrated applications > the application > OAuth \
     configuration > Client configuration: tick the grants 'Device code' and 'Refresh token', and \
     activate the application; then compare client_id with its client ID";

const CLIENT: &str = "compare client_id with the client ID of the application in the OCI console \
     (Integrated applications), see that it is active, and, where it is a confidential one, that \
     client_secret_file holds its present secret";

const SCOPE: &str = "copy the scope from the resource's application (Oracle Cloud Services > the \
     integration instance > OAuth configuration): audience and scope in one word, ending in \
     'urn:opc:resource:consumer::all'; then add it to the application under Resources";

/// What a refresh token depends on.
pub(super) const REFRESH_TOKEN: &str = "a refresh token needs 'offline_access' among the scopes, \
     the grant 'Refresh token' in the client application, and 'Allow token refresh' in the \
     resource's application";

/// What helps against this error of RFC 6749 §5.2 or RFC 8628 §3.5, or one of
/// ours. `said` is the server's own sentence.
pub(super) fn against(profile: &str, code: &str, said: &str) -> Option<String> {
    let said = said.to_ascii_lowercase();
    let sign_in = |why: &str| format!("{why}; run 'oic-token login {profile}'");
    let advice = match code {
        "unauthorized_client" if said.contains("offline access") => ALLOW_TOKEN_REFRESH.to_owned(),
        "unauthorized_client" | "unsupported_grant_type" => GRANTS.to_owned(),
        "invalid_client" => CLIENT.to_owned(),
        "invalid_scope" | "invalid_target" => SCOPE.to_owned(),
        "invalid_request" => "see whether 'domain' is the identity domain's URL, and whether this \
             server wants fields that device_authorization_params can add"
            .to_owned(),
        "invalid_grant" if said.contains("consumed") => sign_in(
            "something else used this refresh token: each may be used once, so no other program \
             and no copy of this session may use it",
        ),
        "invalid_grant" => sign_in("the session was ended at the identity domain, or has expired"),
        "access_denied" => sign_in("whoever was asked refused"),
        "expired_token" => sign_in("nobody has signed in while the code was good"),
        "wrong_user" => format!(
            "sign in as the user whom the profile belongs to, or run 'oic-token login {profile} \
             --change-user'"
        ),
        "throttled" => "wait: the domain allows 150 requests a minute to all of a team's programs \
             together"
            .to_owned(),
        "server_error" | "unanswered" | "unusable_answer" => {
            "wait, and look at the status page of the identity domain's region; something between \
             here and there may have answered instead"
                .to_owned()
        }
        "not_stored" => "make room or mend the state folder's disk; until then a restart loses \
             what was renewed since"
            .to_owned(),
        "not_read" => sign_in(
            "mend what keeps the stored session from being read, and restart oic-tokend; or \
             leave that session",
        ),
        _ => return None,
    };
    Some(advice)
}

/// What helps where no connection came about; `why` is the cause as the
/// libraries below have it.
pub(super) fn on_connection(why: &str) -> &'static str {
    let why = why.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if has(&["this computer's clock"]) {
        "see whether this computer's clock is right ('timedatectl'); if it is, whoever runs that \
         server has to renew its certificate"
    } else if has(&["for another host"]) {
        "compare 'domain' with the identity domain's URL in the OCI console; if it is right, \
         somebody else answers for this host: do not sign in"
    } else if has(&["certificate"]) {
        "if a proxy of your company opens TLS, name its authority's certificate in 'ca_file' \
         ('oic-token setup --ca-file FILE'); if not, somebody else answers for this host: do not \
         sign in"
    } else if has(&["proxy", "tunnel"]) {
        "look at HTTPS_PROXY and NO_PROXY in the environment that oic-tokend is started in"
    } else if has(&["speaks no tls"]) {
        "compare the port with the one of the identity domain's URL in the OCI console"
    } else if has(&["the answer is larger"]) {
        "something between here and there may have answered instead: open the identity domain's \
         URL in a browser on this computer"
    } else if has(&["dns", "lookup", "resolve", "name or service"]) {
        "compare 'domain' with the identity domain's URL in the OCI console, and see whether this \
         computer can resolve other names; behind a proxy, set HTTPS_PROXY for oic-tokend"
    } else {
        "see whether a firewall lets this computer reach that host on its port; behind a proxy, \
         set HTTPS_PROXY for oic-tokend"
    }
}
