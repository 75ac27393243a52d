//! Links the unwinder into the client where it would be loaded: loading
//! `libgcc_s.so` takes a sixth of what a `get` takes as a whole (see
//! `docs/decisions/0034-start.md`).

use std::path::PathBuf;
use std::{env, fs};

/// What the linker finds first where Rust wants `libgcc_s`: gcc's same code to
/// be linked statically.
const LIBRARY: (&str, &str) = ("libgcc_s.so", "INPUT(-lgcc_eh)\n");

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // By which packaging/build has the client linked; cargo does not look for it.
    println!("cargo::rerun-if-changed=../packaging/first.ld");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a folder"));
        let (name, text) = LIBRARY;
        fs::write(folder.join(name), text).expect("the folder can be written");
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
}
