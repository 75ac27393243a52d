//! How far apart the steps of a renewal are when nobody traces it: by the
//! times in the daemon's own log.

use jiff::Timestamp;

use crate::campaign::Window;
use crate::failure::Failure;
use crate::stage::Stage;

/// How many renewals are measured; they are five seconds apart.
const MEASURED: usize = 10;

/// What the daemon logs of each step, in order.
const STEPS: [&str; 6] = [
    "begun action=RefreshToken",
    "event=TokenAnswered",
    ".new written",
    ".new synced",
    ".session renamed",
    "/state synced",
];

/// Lets renewals take place and reads how long they took.
pub fn measure() -> Result<Vec<Window>, Failure> {
    eprintln!("measuring {MEASURED} renewals …");
    let stage = Stage::signed_in_and_logging("trace")?;
    for _ in 0..MEASURED {
        let renewed = stage.get_renewed();
        if renewed.code != 0 {
            return Err(Failure::of("a renewal fails", renewed.stderr.trim()));
        }
    }
    let windows = windows(&stage.daemon.log());
    if windows.len() == MEASURED {
        return Ok(windows);
    }
    Err(Failure::new(format!(
        "the log has {} whole renewals of {MEASURED}",
        windows.len()
    )))
}

/// The renewals in a log, from when the refresh began.
pub fn windows(log: &str) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut times = Vec::new();
    for line in log.lines() {
        if line.contains(STEPS[0]) {
            times.clear();
        }
        let Some(time) = time(line).filter(|_| line.contains(STEPS[times.len()])) else {
            continue;
        };
        times.push(time);
        if let [begun, answered, written, _, renamed, folder_synced] = times[..] {
            windows.push(Window {
                answered: answered - begun,
                written: written - begun,
                renamed: renamed - begun,
                folder_synced: folder_synced - begun,
            });
            times.clear();
        }
    }
    windows
}

/// When a line was logged, in microseconds.
fn time(line: &str) -> Option<u64> {
    let time: Timestamp = line.split(' ').next()?.parse().ok()?;
    u64::try_from(time.as_microsecond()).ok()
}
