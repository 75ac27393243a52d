//! The steps of a renewal are found in what strace writes.

use std::path::Path;

use crate::step::{Progress, Step};
use crate::trace::{self, Call, Thread};
use crate::untraced;

/// The main thread of a renewal, as strace 6.1 writes it.
const MAIN: &str = r#"
strace: Process 70 attached
1.000001 accept4(14<socket:[1]>, {sa_family=AF_UNIX}, [110 => 2], SOCK_CLOEXEC|SOCK_NONBLOCK) = 16<socket:[2]> <0.000010>
1.000020 accept4(14<socket:[1]>, 0x7f0e, [110], SOCK_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable) <0.000010>
1.000040 epoll_wait(4<anon_inode:[eventpoll]>, [...], 1024, -1) = 1 <4.000000>
5.000100 read(15<anon_inode:[timerfd]>, ""..., 8) = 8 <0.000010>
5.001000 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 17<socket:[3]> <0.000010>
5.001100 connect(17<socket:[3]>, {sa_family=AF_INET}, 16) = -1 EINPROGRESS (Operation now in progress) <0.000010>
5.001200 getsockopt(17<socket:[3]>, SOL_SOCKET, SO_ERROR, [0], [4]) = 0 <0.000010>
5.002000 writev(17<socket:[3]>, [...], 2) = 300 <0.000010>
5.002100 sendto(17<socket:[3]>, ""..., 213, MSG_NOSIGNAL, NULL, 0) = 213 <0.000010>
5.003000 recvfrom(17<socket:[3]>, ""..., 8192, 0, NULL, NULL) = 3289 <0.000010>
5.005000 sendto(16<socket:[2]>, ""..., 2927, MSG_NOSIGNAL, NULL, 0) = 2927 <0.000010>
5.006000 recvfrom(16<socket:[2]>, "", 1, 0, NULL, NULL <unfinished ...>) = ?
+++ killed by SIGKILL +++
"#;

/// Its disk thread.
const DISK: &str = r#"
5.000200 openat(AT_FDCWD</>, "/state/.sim.session.new", O_WRONLY|O_CREAT|O_EXCL, 0600) = 18</state/.sim.session.new> <0.000010>
5.000300 write(18</state/.sim.session.new>, ""..., 3196) = 3196 <0.000010>
5.000400 fsync(18</state/.sim.session.new>) = 0 <0.000010>
5.000500 rename("/state/.sim.session.new", "/state/sim.session") = 0 <0.000010>
5.000600 fsync(18</state>) = 0 <0.000010>
5.004000 write(18</state/.sim.session.new>, ""..., 3190) = 3190 <0.000010>
5.004100 fsync(18</state/.sim.session.new>) = 0 <0.000010>
5.004200 rename("/state/.sim.session.new", "/state/sim.session") = 0 <0.000010>
5.004300 fsync(18</state>) = 0 <0.000010>
"#;

fn calls(main: &str, disk: &str) -> Vec<Call> {
    let lines = |text: &str| Vec::from_iter(text.lines().map(str::to_owned));
    let mut calls = trace::parse(Thread::Main, &lines(main));
    calls.extend(trace::parse(Thread::Disk, &lines(disk)));
    calls
}

fn progress(main: &str, disk: &str) -> Progress {
    Progress::of(&calls(main, disk), Path::new("/state"))
}

/// The disk thread, but for the `nth` line that contains `text`.
fn disk_without(text: &str, nth: usize) -> String {
    let mut seen = 0;
    let lines = DISK.lines().filter(|line| {
        seen += usize::from(line.contains(text));
        !(line.contains(text) && seen == nth)
    });
    Vec::from_iter(lines).join("\n")
}

#[test]
fn all_steps_of_a_renewal_are_found() {
    assert_eq!(progress(MAIN, DISK).under_way(), Step::Afterwards);
}

#[test]
fn a_step_that_is_left_out_or_fails_is_noticed() {
    let without_sync = disk_without("fsync(18</state/", 2);
    assert_eq!(
        progress(MAIN, &without_sync).under_way(),
        Step::SessionSynced
    );
    let failed = DISK.replace(
        "3190) = 3190",
        "3190) = -1 ENOSPC (No space left on device)",
    );
    assert_eq!(progress(MAIN, &failed).under_way(), Step::SessionWritten);
}

#[test]
fn a_request_that_is_sent_before_its_intent_is_stored_is_noticed() {
    let early = MAIN
        .replace("5.002000", "5.000210")
        .replace("5.002100", "5.000220");
    assert_eq!(progress(&early, DISK).under_way(), Step::RequestSent);
}

#[test]
fn a_request_is_sent_when_its_last_part_is() {
    let sent = progress(MAIN, DISK).span(Step::RequestSent);
    assert_eq!(sent.map(|span| span.entered), Some(5_002_100));
}

#[test]
fn calls_are_counted_by_name_and_a_killed_one_never_returns() {
    let calls = calls(MAIN, "");
    let last = calls.last().unwrap();
    assert_eq!((last.name.as_str(), last.number), ("recvfrom", 2));
    assert_eq!((last.left, last.result), (None, None));
    assert_eq!(calls[0].result, Some(16));
    assert_eq!(calls[1].result, Some(-1));
    assert_eq!(calls[2].left, Some(5_000_040));
}

/// What a daemon logs of a renewal whose intent it stored first.
const LOG: &str = "\
2026-11-24T02:37:53.810000Z TRACE oic_tokend::requests: begun action=Store { generation: 2 }
2026-11-24T02:37:53.811000Z TRACE oic_tokend::store::file: /home/state/.sim.session.new written
2026-11-24T02:37:53.812000Z TRACE oic_tokend::store::file: /home/state/.sim.session.new synced
2026-11-24T02:37:53.813000Z TRACE oic_tokend::store::file: /home/state/sim.session renamed
2026-11-24T02:37:53.814000Z TRACE oic_tokend::store::file: /home/state synced
2026-11-24T02:37:53.820000Z TRACE oic_tokend::requests: begun action=RefreshToken { }
2026-11-24T02:37:53.830000Z TRACE oic_tokend::profile::log: happened event=TokenAnswered { }
2026-11-24T02:37:53.830100Z TRACE oic_tokend::requests: begun action=Store { generation: 3 }
2026-11-24T02:37:53.830200Z TRACE oic_tokend::store::file: /home/state/.sim.session.new written
2026-11-24T02:37:53.833000Z TRACE oic_tokend::store::file: /home/state/.sim.session.new synced
2026-11-24T02:37:53.835000Z TRACE oic_tokend::store::file: /home/state/sim.session renamed
2026-11-24T02:37:53.839000Z TRACE oic_tokend::store::file: /home/state synced
";

#[test]
fn how_long_a_renewal_took_is_read_from_the_daemons_log() {
    let window = untraced::windows(LOG)[0];
    assert_eq!(window.answered, 10_000);
    assert_eq!(window.written, 10_200);
    assert_eq!(window.renamed, 15_000);
    assert_eq!(window.folder_synced, 19_000);
    let without = LOG.replace("sim.session renamed", "nothing");
    assert!(untraced::windows(&without).is_empty());
}
