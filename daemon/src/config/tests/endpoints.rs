use super::*;

#[test]
fn a_domain_gives_its_endpoints_and_its_form_field() {
    let config = config(DOMAIN);
    let [profile] = config.profiles.as_slice() else {
        panic!("one profile")
    };
    let base = "https://idcs-0123.identity.oraclecloud.com/oauth2/v1";
    let endpoints = &profile.endpoints;
    let url = endpoints.device_authorization.as_str();
    assert_eq!(url, format!("{base}/device"));
    assert_eq!(endpoints.token.as_str(), format!("{base}/token"));
    let revocation = endpoints.revocation.as_ref().unwrap();
    assert_eq!(revocation.as_str(), format!("{base}/revoke"));
    let oracle = [("response_type".to_owned(), "device_code".to_owned())];
    assert_eq!(profile.device_authorization_params, oracle);
    let hosts = &profile.verification_hosts;
    assert_eq!(*hosts, ["idcs-0123.identity.oraclecloud.com"]);
    assert_eq!(profile.name, "prod");
    assert_eq!(profile.client.id, "6b0c1d2e");
    assert!(profile.client.secret.is_none() && profile.offline_access);
    assert!(profile.token_params.is_empty());
    assert!(!profile.authenticate_device_authorization);
}

#[test]
fn a_domain_may_be_written_with_its_port_and_a_slash() {
    for domain in [
        "https://idcs.example.com/",
        "https://idcs.example.com:443",
        "https://IDCS.example.com:443/",
    ] {
        let text = DOMAIN.replace("https://idcs-0123.identity.oraclecloud.com", domain);
        let token = &config(&text).profiles[0].endpoints.token;
        assert_eq!(token.as_str(), "https://idcs.example.com/oauth2/v1/token");
    }
}

#[test]
fn any_authorization_server_is_named_endpoint_by_endpoint() {
    let config = config(ENDPOINTS);
    let profile = &config.profiles[0];
    let token = profile.endpoints.token.as_str();
    assert_eq!(token, "https://id.example.com/token?tenant=a");
    assert_eq!(profile.endpoints.revocation, None);
    assert!(profile.verification_hosts.is_empty());
    assert_eq!(profile.scopes, ["api", "read"]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let resource = pair("resource", "urn:example:api");
    let audience = pair("audience", "b");
    assert_eq!(
        profile.device_authorization_params,
        [resource.clone(), audience]
    );
    assert_eq!(profile.token_params, [resource]);
    assert!(profile.authenticate_device_authorization);
}

#[test]
fn a_domain_and_endpoints_together_are_refused() {
    check(
        &refusal_with(
            CLIENT_LINE,
            "token_endpoint = \"https://id.example.com/token\"",
        ),
        "3: profile.prod.domain: expected 'domain' or endpoints, found both: a domain has its own token_endpoint",
    );
}

#[test]
fn a_domain_with_a_path_is_refused_with_the_one_without() {
    for path in ["/oauth2/v1", "/?a=b"] {
        let line = format!("domain = \"https://idcs.example.com:8443{path}\"");
        check(
            &refusal_with(DOMAIN_LINE, &line),
            "3: profile.prod.domain: expected a URL without a path\nhint: write \"https://idcs.example.com:8443\"",
        );
    }
}

#[test]
fn plain_http_is_for_loopback_addresses_alone() {
    let with = |url: &str| DOMAIN.replace("https://idcs-0123.identity.oraclecloud.com", url);
    for loopback in [
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://localhost:8080",
    ] {
        let config = config(&with(loopback));
        assert_eq!(config.profiles[0].endpoints.token.scheme(), "http");
    }
    for remote in [
        "http://idcs.example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://[::ffff:127.0.0.1]",
    ] {
        let refusal = refusal(&with(remote));
        let expected = "3: profile.prod.domain: expected https: over plain http";
        assert!(refusal.contains(expected), "{remote}: {refusal}");
    }
}

#[test]
fn urls_that_a_form_with_secrets_must_not_go_to_are_refused_unquoted() {
    for (url, expected) in [
        (
            "https://jane:PASSWORD@id.example.com",
            "expected a URL without a user name or password",
        ),
        (
            "https://jane@id.example.com",
            "expected a URL without a user name or password",
        ),
        (
            "https://id.example.com/#top",
            "expected a URL without a fragment (RFC 6749 §3.1)",
        ),
        ("ftp://id.example.com", "expected https, found ftp"),
        (
            "id.example.com",
            "expected a URL: relative URL without a base\nhint: write it whole, with 'https://' in front",
        ),
        (
            "https://",
            "expected a URL: empty host\nhint: write it whole, with 'https://' in front",
        ),
    ] {
        let line = format!("domain = \"{url}\"");
        check(
            &refusal_with(DOMAIN_LINE, &line),
            &format!("3: profile.prod.domain: {expected}"),
        );
    }
}

#[test]
fn users_may_sign_in_at_hosts_that_are_named() {
    let line = "verification_hosts = [\"Login.example.com\", \"[::1]\"]\n";
    let named = |text: &str| {
        config(&format!("{text}{line}"))
            .profiles
            .remove(0)
            .verification_hosts
    };
    let own = "idcs-0123.identity.oraclecloud.com";
    assert_eq!(named(DOMAIN), [own, "login.example.com", "[::1]"]);
    assert_eq!(named(ENDPOINTS), ["login.example.com", "[::1]"]);
}

#[test]
fn a_host_is_named_without_anything_around_it() {
    for host in [
        "",
        "https://id.example.com",
        "id.example.com/device",
        "id.example.com:443",
        "a@b",
        "a b",
    ] {
        let text = format!("{DOMAIN}verification_hosts = [\"{host}\"]\n");
        check(
            &refusal(&text),
            "6: profile.prod.verification_hosts[0]: expected the name of a host and nothing else",
        );
    }
}
