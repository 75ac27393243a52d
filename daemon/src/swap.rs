//! Whether our memory can be written to the swap space, where a thief finds it
//! after the machine was switched off.

/// Keeps our memory out of the swap space where the system lets us, and says
/// so where it does not. To be called before
/// [`withhold`](oic_proto::memory::withhold), which closes `/proc/self`.
#[cfg(target_os = "linux")]
pub fn keep_out() {
    if !is_locked() && !is_kept_out_by_service_manager() && is_there_any() {
        tracing::info!(
            "tokens in memory may be written to the swap space; 'MemorySwapMax=0' or \
             'LimitMEMLOCK=infinity' in the service's unit prevents it"
        );
    }
}

/// Other systems encrypt their swap space, or are not known well enough to
/// say anything about it.
#[cfg(not(target_os = "linux"))]
pub fn keep_out() {}

/// Locks our memory, if all of it may be locked: under a limit, the first
/// allocation above it would fail, and with it the daemon.
#[cfg(target_os = "linux")]
fn is_locked() -> bool {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{Resource, getrlimit};

    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    // On fault: stacks that are reserved and not used cost nothing.
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    unlimited && mlockall(flags).is_ok()
}

#[cfg(target_os = "linux")]
fn is_kept_out_by_service_manager() -> bool {
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let Some(group) = own.lines().find_map(|line| line.strip_prefix("0::")) else {
        return false;
    };
    let limit = std::fs::read_to_string(format!("/sys/fs/cgroup{group}/memory.swap.max"));
    limit.is_ok_and(|limit| limit.trim() == "0")
}

/// Whether the machine has a swap space; the first line is the heading.
#[cfg(target_os = "linux")]
fn is_there_any() -> bool {
    let spaces = std::fs::read_to_string("/proc/swaps");
    spaces.is_ok_and(|spaces| spaces.lines().count() > 1)
}
