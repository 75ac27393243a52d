//! Who asks for a token while somebody else misbehaves.

use std::path::Path;
use std::time::Duration;

use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE};

use crate::clock;

/// Between one `get` and the next: scripts do not ask in a tight loop, and the
/// daemon has to be found at its worst moments too.
const PAUSE: Duration = Duration::from_millis(2);

/// How long each `get` took, in microseconds, in order of length.
pub struct Waits {
    times: Vec<f64>,
    /// Those that brought no token.
    pub failed: u32,
}

impl Waits {
    /// What so many of a hundred did not exceed.
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.times.len() * percent).div_ceil(100);
        let found = self.times.get(rank.saturating_sub(1));
        found.copied().unwrap_or(f64::NAN)
    }
}

/// Asks so often, each time on a connection of its own.
pub fn ask(socket: &Path, gets: u32) -> Waits {
    let mut waits = Waits {
        times: Vec::new(),
        failed: 0,
    };
    for _ in 0..gets {
        let started = clock::start();
        match get(socket) {
            Ok(Response::Token(_)) => waits.times.push(started.elapsed().as_secs_f64() * 1e6),
            _ => waits.failed += 1,
        }
        clock::let_pass(PAUSE);
    }
    waits.times.sort_unstable_by(f64::total_cmp);
    waits
}

fn get(socket: &Path) -> std::io::Result<Response> {
    let mut caller = Caller::connect(socket, DEADLINE)?;
    caller.ask(&Request::GetToken {
        profile: None,
        min_validity: Duration::ZERO,
        patience: DEADLINE,
        force: false,
    })?;
    caller.answer()
}
