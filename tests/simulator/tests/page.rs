//! The verification page.

use super::*;

fn decide(simulator: &Simulator, user_code: &str, user: &str, action: &str) -> Reply {
    let fields = [("user_code", user_code), ("user", user), ("action", action)];
    post(&simulator.url(), "/ui/v1/device", &fields).unwrap()
}

#[test]
fn a_person_can_allow_and_deny() {
    let simulator = simulator(&[]);
    for (action, outcome) in [("allow", 200), ("deny", 400)] {
        let authorization = ask(&simulator).unwrap().json();
        let reply = decide(&simulator, text(&authorization["user_code"]), JOHN, action);
        assert_eq!(reply.status, 200, "{action}");
        let code = text(&authorization["device_code"]);
        assert_eq!(poll(&simulator, code).unwrap().status, outcome, "{action}");
    }
}

#[test]
fn the_page_says_who_asks_when_it_knows_the_code() {
    let simulator = simulator(&[]);
    let authorization = ask(&simulator).unwrap().json();
    let code = text(&authorization["user_code"]);
    let path = format!("/ui/v1/device?user_code={code}");
    let page = get(&simulator.url(), &path, &[]).unwrap().body;
    assert!(page.contains(&format!("value=\"{code}\"")));
    assert!(page.contains("oic-cli-public"));
}

#[test]
fn a_wrong_code_brings_the_form_back_with_the_reason() {
    let simulator = simulator(&[]);
    let reply = decide(&simulator, "BCDFGHJK", JANE, "allow");
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("no login has the user code"));
    assert!(reply.body.contains("name=\"user_code\""));
}

#[test]
fn nothing_typed_can_become_part_of_the_page() {
    let simulator = simulator(&[]);
    let script = "\"><script>alert('x&y')</script>";
    let encoded: String = form_urlencoded::byte_serialize(script.as_bytes()).collect();
    let path = format!("/ui/v1/device?user_code={encoded}");
    let shown = get(&simulator.url(), &path, &[]).unwrap();
    assert!(!shown.body.contains("<script"));
    assert!(
        shown
            .body
            .contains("&quot;&gt;&lt;script&gt;alert(&#39;x&amp;y&#39;)")
    );
    let refused = decide(&simulator, script, script, "allow");
    assert!(!refused.body.contains("<script"));
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
}
