//! Copies of a session: known as such, not used, and a login repairs it.

use std::fs;
use std::path::Path;

use oic_tests::harness::Daemon;

use crate::signed_in::SignedIn;

/// Renews once, and stops the daemon.
fn renew_and_stop(signed_in: &mut SignedIn) {
    signed_in.home.oic_token(&["get", "--force"]).succeeded();
    assert!(signed_in.daemon.terminate().success());
}

/// The daemon starts, makes no request, and says `cause` to a caller that
/// needs a renewal; a login repairs it.
#[track_caller]
fn check_refused(mut signed_in: SignedIn, cause: &str) {
    let before = signed_in.refresh_count();
    signed_in.daemon = Daemon::start(&signed_in.home);
    signed_in.daemon.wait_for_log(cause);
    let get = signed_in.home.oic_token(&["get", "--force"]);
    assert_eq!(get.code, 3, "{}", get.stderr);
    assert!(get.stderr.contains(cause), "{}", get.stderr);
    assert!(get.stderr.contains("copied_sessions"), "{}", get.stderr);
    let status = signed_in.home.oic_token(&["status"]).succeeded();
    assert!(status.contains(cause), "{status}");
    assert_eq!(signed_in.refresh_count(), before);
    signed_in
        .home
        .oic_token(&["login", "--all", "--no-browser"])
        .succeeded();
    signed_in.restart_after_kill();
    signed_in.get();
    let status = signed_in.home.oic_token(&["status"]).succeeded();
    assert!(!status.contains(cause), "{status}");
}

/// Copies a file. File systems note only every few milliseconds what time it
/// is, so it is copied until the copy was created at another time.
fn copy(from: &Path, to: &Path) {
    let created = |path: &Path| fs::metadata(path).unwrap().created().unwrap();
    let copying = to.with_extension("copying");
    for _ in 0..100_000 {
        fs::copy(from, &copying).unwrap();
        if created(&copying) != created(from) {
            return fs::rename(copying, to).unwrap();
        }
        fs::remove_file(&copying).unwrap();
    }
    panic!("the clock of the file system stands still");
}

#[test]
fn a_state_folder_that_is_put_back_from_a_copy_is_not_renewed() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let session = signed_in.home.state().join("sim.session");
    let backup = signed_in.home.path("backup");
    copy(&session, &backup);
    renew_and_stop(&mut signed_in);
    copy(&backup, &session);
    check_refused(signed_in, "is a copy (a backup, or a copied folder)");
}

#[test]
fn an_earlier_state_that_is_moved_back_is_not_renewed() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let session = signed_in.home.state().join("sim.session");
    let earlier = signed_in.home.path("earlier");
    fs::hard_link(&session, &earlier).unwrap();
    renew_and_stop(&mut signed_in);
    fs::rename(&earlier, &session).unwrap();
    check_refused(signed_in, "is older (generation ");
}

#[test]
fn a_copy_is_used_where_the_configuration_says_so() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    assert!(signed_in.daemon.terminate().success());
    let session = signed_in.home.state().join("sim.session");
    copy(&session, &session);
    let config = signed_in.domain.config_toml();
    let config = format!("copied_sessions = \"use\"\n{config}");
    signed_in.home.configure(&config);
    signed_in.daemon = Daemon::start(&signed_in.home);
    signed_in
        .daemon
        .wait_for_log("used as the configuration wants it");
    signed_in.home.oic_token(&["get", "--force"]).succeeded();
}
