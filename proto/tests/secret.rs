//! What must not be printed, and does not outlive its owner.

use std::cell::Cell;
use std::rc::Rc;

use oic_proto::Secret;
use oic_proto::secret::{AccessToken, Passphrase};
use zeroize::Zeroize;

/// Tells when it is overwritten.
struct Witness(Rc<Cell<bool>>);

impl Zeroize for Witness {
    fn zeroize(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_secret_is_overwritten_when_it_is_dropped() {
    let overwritten = Rc::new(Cell::new(false));
    let secret = Secret::new(Witness(Rc::clone(&overwritten)));
    assert!(!overwritten.get());
    drop(secret);
    assert!(overwritten.get());
}

#[test]
fn a_secret_does_not_print_what_it_holds() {
    let secret = Secret::new("9f2c41d0".to_owned());
    assert_eq!(format!("{secret:?}"), "Secret(REDACTED)");
    assert_eq!(secret.expose(), "9f2c41d0");
    let token = AccessToken::new("at-1".to_owned());
    assert_eq!(format!("{token:?}"), "AccessToken(Secret(REDACTED))");
    assert_eq!(token.expose(), "at-1");
    let passphrase = Passphrase::new("correct horse".to_owned());
    assert_eq!(format!("{passphrase:?}"), "Passphrase(Secret(REDACTED))");
    assert_eq!(passphrase.expose(), "correct horse");
}
