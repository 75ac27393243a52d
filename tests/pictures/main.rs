//! `cargo pictures`: what the programs look like, from real runs in a real
//! terminal against the simulated domain. Writes the animated pictures in
//! `docs/pictures` and the screens in `docs/screens.md`. Takes two minutes,
//! as people would.
//!
//! | file | holds |
//! |---|---|
//! | `scenes.rs` | who types what, and what happens meanwhile |
//! | `shell.rs` | a shell in a terminal, filmed; the only file that reads a clock |
//! | `film.rs` | what it showed, screen after screen (pure) |
//! | `svg.rs` | a film as an animated SVG (pure) |
//! | `page.rs` | screens put into a page (pure) |

#[cfg(unix)]
mod film;
mod page;
#[cfg(unix)]
mod scenes;
#[cfg(unix)]
mod shell;
#[cfg(unix)]
mod svg;

#[cfg(not(unix))]
fn main() {
    eprintln!("oic-pictures: error: this needs a terminal as Unix has them");
    std::process::exit(1);
}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    if std::env::args().nth(1).is_some() {
        eprintln!("usage: cargo pictures");
        return std::process::ExitCode::from(2);
    }
    match unix::write_all() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("oic-pictures: error: {why}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs;

    use oic_tests::harness::workspace;

    use crate::{page, scenes};

    pub fn write_all() -> Result<(), String> {
        let mut screens = Vec::new();
        for (name, picture) in scenes::play(&mut screens) {
            let path = workspace().join("docs/pictures").join(name);
            fs::write(&path, picture).map_err(|why| format!("{}: {why}", path.display()))?;
            println!("{}", path.display());
        }
        let path = workspace().join("docs/screens.md");
        let failed = |why| format!("{}: {why}", path.display());
        let page = fs::read_to_string(&path).map_err(|why| failed(why.to_string()))?;
        let page = page::with_screens(&page, &screens).map_err(failed)?;
        fs::write(&path, page).map_err(|why| failed(why.to_string()))?;
        println!("{}", path.display());
        Ok(())
    }
}
