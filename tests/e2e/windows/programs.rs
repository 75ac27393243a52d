//! Programs of Windows that are given a token.

use crate::signed_in::SignedIn;

#[test]
#[ignore = "needs programs for Windows"]
fn a_program_has_the_token_and_its_exit_code_is_ours() {
    let signed_in = SignedIn::with_lifetime(3600);
    let run = |line: &str| {
        let words = ["exec", "--", "cmd", "/c", line];
        signed_in.home.oic_token(&words)
    };
    let token = signed_in.get();
    for line in ["echo %OIC_ACCESS_TOKEN%", "type %BEARER_TOKEN_FILE%"] {
        let said = run(line);
        assert_eq!(said.stdout.trim_end(), token, "{line}: {}", said.stderr);
    }
    assert_eq!(run("exit 7").code, 7);
}
