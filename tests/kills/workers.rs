//! Several at a time: what is tested here mostly waits.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::Failure;

static STOPPED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on a signal lets what is under way end, which leaves nothing
/// behind, and starts nothing more.
pub fn stop_at_signals() -> Result<(), Failure> {
    let stopped = STOPPED.get_or_init(Arc::default);
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(stopped))
            .map_err(|error| Failure::of("signals cannot be caught", error))?;
    }
    Ok(())
}

/// What `work` makes of each item, in their order, `jobs` at a time. Where it
/// panics, since the tests' harness does, the panic's message becomes the
/// result by `broken`.
pub fn each<I: Sync, T: Send>(
    jobs: u32,
    items: &[I],
    work: impl Fn(&I) -> T + Sync,
    broken: impl Fn(&I, String) -> T + Sync,
) -> Result<Vec<T>, Failure> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !is_stopped() {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else {
                        return;
                    };
                    let result = panic::catch_unwind(AssertUnwindSafe(|| work(item)));
                    let result = result.unwrap_or_else(|panic| broken(item, message(&*panic)));
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((number, result));
                }
            });
        }
    });
    if is_stopped() {
        return Err(Failure::new("interrupted"));
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

fn is_stopped() -> bool {
    let stopped = STOPPED.get();
    stopped.is_some_and(|stopped| stopped.load(Ordering::Relaxed))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}
