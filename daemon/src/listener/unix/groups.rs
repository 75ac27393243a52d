//! The supplementary groups of who is calling, as the kernel took them down
//! when it connected (`SO_PEERGROUPS`, Linux 4.13).

use std::io;

use tokio::net::UnixStream;

/// Groups that are asked for: more than most systems let anybody have, and as
/// many as the kernel knows (`NGROUPS_MAX`).
#[cfg(target_os = "linux")]
const GROUPS_MAX: usize = 64 * 1024;

/// Groups that fit without asking twice.
#[cfg(target_os = "linux")]
const GROUPS_USUAL: usize = 32;

/// The ids of these groups.
///
/// # Errors
///
/// The kernel does not say.
#[cfg(target_os = "linux")]
pub(super) fn of_peer(socket: &UnixStream) -> io::Result<Vec<u32>> {
    match ask(socket, GROUPS_USUAL) {
        Err(error) if error.raw_os_error() == Some(libc::ERANGE) => ask(socket, GROUPS_MAX),
        answer => answer,
    }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no crate below us has this socket option")]
fn ask(socket: &UnixStream, at_most: usize) -> io::Result<Vec<u32>> {
    use std::os::fd::AsRawFd;

    const SIZE: usize = size_of::<libc::gid_t>();
    let mut groups: Vec<libc::gid_t> = vec![0; at_most];
    let mut len = libc::socklen_t::try_from(at_most * SIZE).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open while `socket` is borrowed; `groups` is
    // writable for `len` bytes, of which the kernel fills some and says in
    // `len` how many.
    let asked = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERGROUPS,
            groups.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    if asked != 0 {
        return Err(io::Error::last_os_error());
    }
    groups.truncate(len as usize / SIZE);
    Ok(groups)
}

/// Elsewhere the caller's own group is all that the system vouches for.
#[cfg(not(target_os = "linux"))]
pub(super) fn of_peer(_: &UnixStream) -> io::Result<Vec<u32>> {
    Ok(Vec::new())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_kernel_names_the_groups_of_who_connected() {
        let (_here, there) = UnixStream::pair().unwrap();
        let own = rustix::process::getgroups().unwrap();
        let own = Vec::from_iter(own.iter().map(|group| group.as_raw()));
        assert_eq!(of_peer(&there).unwrap(), own);
    }

    #[tokio::test]
    async fn more_groups_than_usual_are_asked_for_again() {
        let (_here, there) = UnixStream::pair().unwrap();
        let own = of_peer(&there).unwrap();
        if let Some(fewer) = own.len().checked_sub(1) {
            let error = ask(&there, fewer).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::ERANGE));
        }
    }
}
