//! Which system calls are refused (`seccomp(2)`). The only file that names
//! `seccompiler`.
//!
//! A list of what is refused, not of what is allowed: which calls a C library
//! makes changes from version to version, and one that is missing would end
//! sessions on machines that nobody here has seen. A refused call fails like
//! one that takes rights which we have not.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter_all_threads,
};

/// What is refused: calls by number, and if any of the rules of one holds. No
/// rules: always.
type Refused = BTreeMap<i64, Vec<SeccompRule>>;

/// Refused whatever their arguments.
const ALWAYS: &[i64] = &[
    // Other programs: the daemon starts none.
    libc::SYS_execve,
    libc::SYS_execveat,
    // Other processes' memory and descriptors.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    // Parts of the kernel in which weaknesses were found again and again, and
    // which no library of ours uses.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_fanotify_init,
    libc::SYS_personality,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_vmsplice,
    // Owners by name, and attributes, which Landlock lets anybody change. Modes
    // it lets as well: what the configuration says of the daemon's own files
    // and sockets may change with a reload.
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    // Files by number, past all folders.
    libc::SYS_open_by_handle_at,
    // What is mounted where, and seen of it.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    // Who we are.
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    // The machine: where the daemon is root, it could.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    KEXEC_FILE_LOAD,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
];

/// What only this architecture has: older ways to the same.
#[cfg(target_arch = "x86_64")]
const ALWAYS_HERE: &[i64] = &[
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_modify_ldt,
    libc::SYS_iopl,
    libc::SYS_ioperm,
];
#[cfg(not(target_arch = "x86_64"))]
const ALWAYS_HERE: &[i64] = &[];

// Not yet in libc for every architecture. From 424 on, they have one number
// everywhere.
const SETXATTRAT: i64 = 463;
const REMOVEXATTRAT: i64 = 466;
const KEXEC_FILE_LOAD: i64 = if cfg!(target_arch = "x86_64") {
    320
} else {
    294
};

/// A kernel of x86-64 may know each call by a second number: with this added.
const X32: i64 = 0x4000_0000;

/// Numbers that calls have in that second list alone; `execve` is among them.
const X32_ONLY: std::ops::RangeInclusive<i64> = 512..=547;

/// What sockets may be for: callers and the system's services, the network,
/// and the C library's question which addresses this machine has.
const FAMILIES: [i32; 4] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];

/// In a namespace of one's own, anybody is root over much of the kernel.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Types into the terminal that the daemon was started from (`TIOCSTI`, and
/// `TIOCLINUX`, which pastes).
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// In all threads.
pub(super) fn restrict() -> Result<(), Error> {
    let forbidden = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    apply_filter_all_threads(&program(refused()?, forbidden)?)?;
    // Its flags are in memory, where no filter looks. The C library takes the
    // older `clone` where this one is unknown.
    let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let clone3 = Refused::from([(libc::SYS_clone3, Vec::new())]);
    apply_filter_all_threads(&program(clone3, unknown)?)
}

/// Calls of another architecture, which this process could make as well, end
/// it.
fn program(refused: Refused, action: SeccompAction) -> Result<BpfProgram, BackendError> {
    let refused = with_second_numbers(refused);
    SeccompFilter::new(refused, SeccompAction::Allow, action, ARCH.try_into()?)?.try_into()
}

fn with_second_numbers(mut refused: Refused) -> Refused {
    if cfg!(target_arch = "x86_64") {
        let second = |(number, rules): (&i64, &Vec<_>)| (number | X32, rules.clone());
        let doubled = Vec::from_iter(refused.iter().map(second));
        refused.extend(doubled);
        refused.extend(X32_ONLY.map(|number| (number | X32, Vec::new())));
    }
    refused
}

fn refused() -> Result<Refused, BackendError> {
    let always = ALWAYS.iter().chain(ALWAYS_HERE);
    let mut refused = Refused::from_iter(always.map(|&number| (number, Vec::new())));
    let flag = |argument, bits: i32| if_all(vec![has(argument, bits)?]);
    let namespaces = NAMESPACES.map(|namespace| flag(0, namespace));
    refused.insert(libc::SYS_clone, all(namespaces)?);
    let typing = TYPING.map(|request| if_all(vec![is(1, SeccompCmpOp::Eq, request)?]));
    refused.insert(libc::SYS_ioctl, all(typing)?);
    refused.insert(libc::SYS_socket, sockets()?);
    // Nothing that was written is executed.
    let writable_program = flag(2, libc::PROT_WRITE | libc::PROT_EXEC);
    refused.insert(libc::SYS_mmap, all([writable_program])?);
    refused.insert(libc::SYS_mprotect, all([flag(2, libc::PROT_EXEC)])?);
    refused.insert(libc::SYS_pkey_mprotect, all([flag(2, libc::PROT_EXEC)])?);
    Ok(refused)
}

/// Those of other families, and of `AF_NETLINK` all but routes.
fn sockets() -> Result<Vec<SeccompRule>, BackendError> {
    let number = |constant: i32| u64::from(constant.unsigned_abs());
    let other = FAMILIES.map(|family| is(0, SeccompCmpOp::Ne, number(family)));
    let netlink = is(0, SeccompCmpOp::Eq, number(libc::AF_NETLINK))?;
    let not_routes = is(2, SeccompCmpOp::Ne, number(libc::NETLINK_ROUTE))?;
    all([
        other.into_iter().collect::<Result<_, _>>().and_then(if_all),
        if_all(vec![netlink, not_routes]),
    ])
}

fn all<const N: usize>(
    rules: [Result<SeccompRule, BackendError>; N],
) -> Result<Vec<SeccompRule>, BackendError> {
    rules.into_iter().collect()
}

fn if_all(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions)
}

/// The argument has all these bits.
fn has(argument: u8, bits: i32) -> Result<SeccompCondition, BackendError> {
    let bits = u64::from(bits.cast_unsigned());
    is(argument, SeccompCmpOp::MaskedEq(bits), bits)
}

/// Of each argument the kernel reads the lower half.
fn is(argument: u8, how: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value)
}
