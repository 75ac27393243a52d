//! Tokens by URL: the `[[helper]]` entries, as credential helpers ask for them.

use std::time::Duration;

use oic_proto::message::Refusal;
use oic_proto::secret::AccessToken;
use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE};

use crate::signed_in::{SignedIn, quick_domain};

const ENTRY: &str = "\n[[helper]]\nurl = \"https://git.example.com/team/*\"\n";

fn ask(signed_in: &SignedIn, request: &Request) -> Response {
    let mut caller = Caller::connect(&signed_in.home.socket(), DEADLINE).unwrap();
    caller.ask(request).unwrap();
    caller.answer().unwrap()
}

fn get_for(url: &str) -> Request {
    Request::GetTokenFor {
        url: url.to_owned(),
        realms: Vec::new(),
        min_validity: Duration::from_secs(60),
        patience: Duration::from_secs(30),
    }
}

#[test]
fn a_token_goes_where_the_configuration_sends_it_and_nowhere_else() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let url = "https://git.example.com/team/a.git";
    let not_mapped = |url: &str| {
        Response::Refused(Refusal::NotMapped {
            url: url.to_owned(),
        })
    };
    assert_eq!(ask(&signed_in, &get_for(url)), not_mapped(url));

    signed_in.reconfigure(ENTRY);
    let Response::MappedToken(mapped) = ask(&signed_in, &get_for(url)) else {
        panic!("the token of the profile");
    };
    assert_eq!(mapped.token.access_token.expose(), signed_in.get());
    assert_eq!(mapped.username, "oauth2");
    let elsewhere = "https://git.example.com/other";
    assert_eq!(ask(&signed_in, &get_for(elsewhere)), not_mapped(elsewhere));

    let Response::Mapping(mapping) = ask(&signed_in, &Request::ListMappings) else {
        panic!("the entry");
    };
    assert_eq!(mapping.url, "https://git.example.com/team/*");
}

#[test]
fn a_token_that_was_refused_at_its_url_is_not_given_there_again() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.reconfigure(ENTRY);
    let refused = signed_in.get();
    let reject = |url: &str| Request::RejectTokenFor {
        url: url.to_owned(),
        fingerprint: AccessToken::new(refused.clone()).fingerprint(),
    };
    let elsewhere = ask(&signed_in, &reject("https://hub.example.com"));
    assert!(matches!(elsewhere, Response::Refused(_)), "{elsewhere:?}");
    assert_eq!(signed_in.get(), refused);
    let url = "https://git.example.com/team/a.git";
    assert_eq!(ask(&signed_in, &reject(url)), Response::End);
    let Response::MappedToken(mapped) = ask(&signed_in, &get_for(url)) else {
        panic!("another token");
    };
    assert_ne!(mapped.token.access_token.expose(), refused);
}

#[test]
fn before_the_login_a_mapped_url_names_it() {
    let mut started = SignedIn::signed_out(quick_domain());
    started.reconfigure(ENTRY);
    let answer = ask(&started, &get_for("https://git.example.com/team/a.git"));
    let Response::Refused(Refusal::LoginRequired { profile, .. }) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(profile, "sim");
}

#[test]
fn git_gets_the_token_and_after_it_was_refused_another_one() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.reconfigure(ENTRY);
    let git = |operation: &str, more: &str| {
        let input = format!(
            "capability[]=authtype\nprotocol=https\nhost=git.example.com\npath=team/a.git\n{more}\n"
        );
        let words = ["helper", "git", operation];
        let outcome = signed_in.home.oic_token_reading(&words, &input);
        assert_eq!(outcome.stderr, "");
        outcome.succeeded()
    };
    let token = signed_in.get();
    let credential = |token: &str| format!("authtype=Bearer\ncredential={token}\n");
    assert!(git("get", "").contains(&credential(&token)));
    assert_eq!(git("erase", &credential(&token)), "");
    let next = git("get", "");
    assert!(!next.contains(&token), "{next}");
    assert!(next.contains(&credential(&signed_in.get())), "{next}");
}

#[test]
fn each_helper_gets_the_token_for_its_program() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.reconfigure(ENTRY);
    let url = "https://git.example.com/team/a.git";
    let uri = format!("{{\"uri\":\"{url}\"}}");
    let registry = format!(
        "{{\"v\":1,\"registry\":{{\"index-url\":\"sparse+{url}\"}},\"kind\":\"get\",\
         \"operation\":\"read\",\"args\":[]}}\n"
    );
    let token = signed_in.get();
    let programs: [(&[&str], &str); 7] = [
        (&["docker", "get"], url),
        (&["kubernetes", url], ""),
        (&["bazel", "get"], &uri),
        (&["goauth", url], ""),
        (&["cargo", "--cargo-plugin"], &registry),
        (&["terraform", "get", url], ""),
        (&["keyring", "get", url, "oauth2"], ""),
    ];
    for (words, input) in programs {
        let words = [&["helper"], words].concat();
        let outcome = signed_in.home.oic_token_reading(&words, input);
        let said = outcome.succeeded();
        assert!(said.contains(&token), "{words:?}: {said}");
    }
}
