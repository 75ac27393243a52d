//! Leaves nothing behind. An ordinary end, failures included, drops what was
//! started. A panic ends a release build without dropping anything, and so
//! does a signal; for those two this file remembers what there is to remove.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;

static REMAINS: Mutex<Remains> = Mutex::new(Remains {
    children: Vec::new(),
    folders: Vec::new(),
});

struct Remains {
    children: Vec<u32>,
    folders: Vec<PathBuf>,
}

/// A long-lived child that is killed if the bench ends suddenly while this
/// lives.
#[derive(Debug)]
pub struct Watched(u32);

/// Removes `folder` and kills the watched children at a sudden end.
pub fn at_sudden_end(folder: &Path) -> Result<(), Failure> {
    remains().folders.push(folder.to_owned());
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let print_panic = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        print_panic(panic);
        remove_remains();
    }));
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])
        .map_err(|error| Failure::of("signals cannot be caught", error))?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            remove_remains();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

impl Watched {
    /// Watches the child with this process id until dropped, which must be no
    /// later than the child is waited for: then its number may be given away.
    pub fn new(pid: u32) -> Self {
        remains().children.push(pid);
        Self(pid)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        remains().children.retain(|pid| *pid != self.0);
    }
}

fn remove_remains() {
    let remains = remains();
    let pids = remains.children.iter();
    for pid in pids.filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
        // It may have ended already.
        let _ = kill_process(pid, Signal::KILL);
    }
    for folder in &remains.folders {
        // What cannot be removed is left to the system's own clean-up.
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// A panic elsewhere cannot have left the lists half written.
fn remains() -> MutexGuard<'static, Remains> {
    REMAINS.lock().unwrap_or_else(PoisonError::into_inner)
}
