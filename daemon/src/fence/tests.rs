use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::thread;

use rustix::net::{AddressFamily, SocketType};

use super::*;
use crate::testbed::{Scratch, alone, is_alone};

/// Where the process that is fenced finds its folders.
const FOLDER: &str = "OIC_TEST_FOLDER";

fn denied<T>(outcome: io::Result<T>) -> bool {
    outcome.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Runs the test of this name within a fence around its own folders.
fn run_fenced(test: &str) {
    let scratch = Scratch::new();
    for folder in ["config", "state", "sockets", "elsewhere"] {
        fs::create_dir(scratch.path().join(folder)).unwrap();
    }
    for file in ["config/config.toml", "sockets/socket", "elsewhere/secret"] {
        scratch.file(file, "", 0o600);
    }
    let mut fenced = alone(&format!("fence::tests::{test}"));
    let output = fenced.env(FOLDER, scratch.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

/// Whether this kernel can fence files.
fn put_up_around(folder: &Path) -> bool {
    let text =
        "[profile.a]\ndomain = \"https://id.example.com\"\nclient_id = \"a\"\nscopes = [\"a\"]\n";
    let path = folder.join("config/config.toml");
    let config = Config::parse(text, &path).unwrap();
    let mut needs = Needs::of(&config, &path, &|_| None);
    needs.write.push(folder.join("state"));
    needs.remove.push(folder.join("sockets"));
    let fenced = files::restrict(&needs).unwrap();
    calls::restrict().unwrap();
    fenced
}

#[test]
fn files_of_others_are_out_of_reach_and_its_own_are_not() {
    run_fenced("reads_and_writes_its_own_files_alone");
}

#[test]
#[ignore = "run alone by the test above, which gives it folders"]
fn reads_and_writes_its_own_files_alone() {
    if !is_alone() {
        return;
    }
    let folder = folder();
    if !put_up_around(&folder) {
        println!("skipped: this kernel has no Landlock");
        return;
    }
    let state = folder.join("state/session");
    fs::write(&state, "new").unwrap();
    fs::rename(&state, folder.join("state/renamed")).unwrap();
    fs::remove_file(folder.join("state/renamed")).unwrap();
    fs::remove_file(folder.join("sockets/socket")).unwrap();
    fs::read(folder.join("config/config.toml")).unwrap();
    fs::read("/etc/hosts").unwrap();
    assert!(denied(fs::write(folder.join("config/config.toml"), "")));
    assert!(denied(fs::write(folder.join("sockets/new"), "")));
    assert!(denied(fs::write("/etc/oic-tokend-test", "")));
    assert!(denied(fs::read_dir(folder.join("elsewhere"))));
    assert!(denied(fs::remove_file(folder.join("elsewhere/secret"))));
    assert!(denied(std::os::unix::fs::symlink(
        "/etc",
        folder.join("state/link")
    )));
    let secret = folder.join("elsewhere/secret");
    assert!(denied(File::open(&secret)));
    let later = thread::spawn(move || denied(File::open(secret)));
    assert!(later.join().unwrap(), "in a thread that was started later");
}

#[test]
fn what_a_daemon_never_does_is_refused_and_what_it_does_is_not() {
    run_fenced("makes_ordinary_calls_alone");
}

#[test]
#[ignore = "run alone by the test above, which gives it folders"]
fn makes_ordinary_calls_alone() {
    if !is_alone() {
        return;
    }
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let folder = folder();
    let files_are_fenced = put_up_around(&folder);
    let state = folder.join("state");
    assert!(denied(Command::new("/bin/true").status()));
    assert!(denied(std::os::unix::fs::chown(&state, None, None)));
    let socket = |family| rustix::net::socket(family, SocketType::DGRAM, None);
    // To the kernel's ciphers. Anybody may have one, where there are such.
    let ciphers = AddressFamily::from_raw(38);
    assert!(denied(socket(ciphers).map_err(Into::into)));
    for family in [
        AddressFamily::UNIX,
        AddressFamily::INET,
        AddressFamily::INET6,
    ] {
        socket(family).unwrap();
    }
    TcpStream::connect(server.local_addr().unwrap()).unwrap();
    assert!(("localhost", 443).to_socket_addrs().unwrap().count() > 0);
    assert!(thread::spawn(|| true).join().unwrap());
    UnixDatagram::pair().unwrap();
    if files_are_fenced && is_linux_since(6, 7) {
        assert!(denied(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))));
    }
}

fn is_linux_since(major: u32, minor: u32) -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split('.').map_while(|number| number.parse().ok());
    (numbers.next(), numbers.next()) >= (Some(major), Some(minor))
}

#[test]
fn the_folders_of_a_file_are_the_one_it_is_said_to_be_in_and_the_one_it_is_in() {
    let scratch = Scratch::new();
    let (said, real) = (scratch.path().join("said"), scratch.path().join("real"));
    fs::create_dir(&said).unwrap();
    fs::create_dir(&real).unwrap();
    scratch.file("real/config.toml", "", 0o600);
    let link = said.join("config.toml");
    std::os::unix::fs::symlink(real.join("config.toml"), &link).unwrap();
    assert_eq!(folders_of(&link), [said, real]);
    assert_eq!(folders_of(Path::new("no-such-file")), [Path::new(".")]);
}

#[test]
fn sockets_without_a_file_are_left_within_reach_where_they_are_needed() {
    let text =
        "[profile.a]\ndomain = \"https://id.example.com\"\nclient_id = \"a\"\nscopes = [\"a\"]\n";
    let config = Config::parse(text, Path::new("config.toml")).unwrap();
    for (variable, value, needed) in [
        ("NOTIFY_SOCKET", "/run/systemd/notify", false),
        ("NOTIFY_SOCKET", "@/org/freedesktop/systemd1/notify", true),
        (
            "DBUS_SESSION_BUS_ADDRESS",
            "unix:path=/run/user/1000/bus",
            false,
        ),
        (
            "DBUS_SESSION_BUS_ADDRESS",
            "unix:abstract=/tmp/dbus-x",
            true,
        ),
    ] {
        let environment = |name: &str| (name == variable).then(|| value.into());
        let needs = Needs::of(&config, Path::new("config.toml"), &environment);
        assert_eq!(needs.abstract_sockets, needed, "{value}");
    }
}
