use super::*;

const PROFILES: &str = r#"
default_profile = "prod"
[profile.prod]
domain = "https://idcs-0123.identity.oraclecloud.com"
client_id = "6b0c1d2e"
scopes = ["api"]
[profile.test]
domain = "https://idcs-0123.identity.oraclecloud.com"
client_id = "6b0c1d2e"
scopes = ["api"]
"#;

fn with(entry: &str) -> String {
    format!("{PROFILES}[[helper]]\n{entry}\n")
}

#[test]
fn an_entry_says_whose_token_goes_where_and_with_which_user_name() {
    let text = with(
        r#"url = "https://git.example.com/team/*"
           [[helper]]
           url = "https://git.example.com/team/*"
           realm = "staff"
           profile = "test"
           username = "jane""#,
    );
    let mappings = config(&text).mappings;
    let view = |mapping| oic_proto::message::MappingView::from(mapping);
    let views = Vec::from_iter(mappings.iter().map(view));
    let of = |realm: Option<&str>, profile: &str, username: &str| oic_proto::message::MappingView {
        url: "https://git.example.com/team/*".to_owned(),
        realm: realm.map(str::to_owned),
        profile: profile.to_owned(),
        username: username.to_owned(),
    };
    let expected = [
        of(None, "prod", "oauth2"),
        of(Some("staff"), "test", "jane"),
    ];
    assert_eq!(views, expected);
    assert_eq!(config(PROFILES).mappings, []);
}

#[test]
fn a_wrong_entry_is_refused_with_its_number_and_key() {
    for (entry, expected) in [
        (
            "",
            "11: helper[0].url: missing; expected a URL, \"https://git.example.com/team/*\" say",
        ),
        (
            "url = \"git.example.com\"",
            "12: helper[0].url: expected a URL: relative URL without a base\n\
             hint: write it whole: \"https://git.example.com/team/*\"",
        ),
        (
            "url = \"http://git.example.com\"",
            "12: helper[0].url: expected https: over plain http, which is for loopback addresses \
             alone, anybody on the way could read the token",
        ),
        (
            "url = \"https://a.b\"\nprofil = \"x\"",
            "13: helper[0].profil: unknown key\nhint: did you mean 'profile'?",
        ),
        (
            "url = \"https://a.b\"\nprofile = \"tset\"",
            "13: helper[0].profile: there is no profile \"tset\"\nhint: did you mean 'test'?",
        ),
        (
            "url = \"https://a.b\"\nusername = \"a:b\"",
            "13: helper[0].username: expected a user name without ':'",
        ),
        (
            "url = \"https://a.b\"\nusername = \"a\\nb\"",
            "13: helper[0].username: expected text without control characters",
        ),
        (
            "url = \"https://a.b\"\nrealm = \"\"",
            "13: helper[0].realm: expected text without control characters",
        ),
        (
            "url = \"https://a.b\"\n[[helper]]\nurl = \"https://a.b/\"",
            "13: helper[1]: another [[helper]] has this url\n\
             hint: servers that name a realm can be told apart: realm = \"NAME\"",
        ),
    ] {
        check(&refusal(&with(entry)), expected);
    }
    check(
        &refusal(&format!("helper = 1\n{PROFILES}")),
        "1: helper: expected an array of tables, found an integer",
    );
    check(
        &refusal(&format!("helper = [1]\n{PROFILES}")),
        "1: helper[0]: expected a table, found an integer",
    );
}

#[test]
fn without_a_default_profile_an_entry_has_to_name_its_own() {
    let text = with("url = \"https://a.b\"").replace("default_profile = \"prod\"", "");
    check(
        &refusal(&text),
        "11: helper[0].profile: missing; expected the name of a profile, as there is no default",
    );
}
