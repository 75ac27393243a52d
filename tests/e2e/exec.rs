//! What a program finds that runs under `exec`, and what it leaves.

#![cfg(unix)]

use std::path::Path;

use crate::signed_in::SignedIn;

/// Waits until the file has another token than `$first`, for 20 s at most.
const UNTIL_REPLACED: &str = r#"
    tries=0
    while [ "$(cat "$BEARER_TOKEN_FILE")" = "$first" ] && [ $tries -lt 400 ]; do
        sleep 0.05; tries=$((tries + 1))
    done
"#;

fn exec(signed_in: &SignedIn, options: &[&str], script: &str) -> oic_tests::harness::Outcome {
    let mut arguments = vec!["exec"];
    arguments.extend(options);
    arguments.extend(["--", "sh", "-c", script]);
    signed_in.home.oic_token(&arguments)
}

#[test]
fn exec_passes_the_exit_code_on() {
    let signed_in = SignedIn::with_lifetime(3600);
    assert_eq!(exec(&signed_in, &[], "exit 42").code, 42);
}

#[test]
fn a_job_that_outlives_its_token_finds_a_fresh_one_in_its_file() {
    let signed_in = SignedIn::with_lifetime(3);
    let script = format!(
        "first=$OIC_ACCESS_TOKEN; {UNTIL_REPLACED}
         stat -c %a \"$BEARER_TOKEN_FILE\" \"$(dirname \"$BEARER_TOKEN_FILE\")\"
         echo \"$first\"; cat \"$BEARER_TOKEN_FILE\""
    );
    let seen = exec(&signed_in, &["--min-valid", "1"], &script).succeeded();
    let seen = Vec::from_iter(seen.lines());
    let issued = signed_in.domain.access_tokens_issued();
    let place = |token: &str| issued.iter().position(|it| it == token);
    assert_eq!(seen[..2], ["600", "700"]);
    assert!(place(seen[2]).unwrap() < place(seen[3]).unwrap());
}

#[test]
fn a_killed_program_leaves_its_signal_and_no_file() {
    let signed_in = SignedIn::with_lifetime(3600);
    let script = "echo \"$BEARER_TOKEN_FILE\"; test -s \"$BEARER_TOKEN_FILE\" && kill -9 $$";
    let outcome = exec(&signed_in, &[], script);
    assert_eq!(outcome.code, 128 + 9);
    let file = Path::new(outcome.stdout.trim_end());
    assert!(file.is_absolute() && !file.parent().unwrap().exists());
}
