//! Where a passphrase comes from: the terminal, which does not show it, or
//! stdin, a line each.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

use std::io::{self, BufRead, IsTerminal};

use oic_proto::message::PASSPHRASE_LEN_MAX;
use oic_proto::secret::Passphrase;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::terminal;
#[cfg(not(unix))]
use other::Screen;
#[cfg(unix)]
use unix::Screen;

/// Whoever is asked.
pub enum Input {
    /// A person, who may mistype what nobody sees.
    Terminal(Screen),
    /// A file or a pipe.
    Lines,
}

impl Input {
    /// Whoever is at stdin.
    ///
    /// # Errors
    ///
    /// [`Failure::NoPassphrase`]: the terminal would show it.
    pub fn open() -> Result<Self, Failure> {
        if io::stdin().is_terminal() {
            Screen::of_stdin()
                .map(Self::Terminal)
                .map_err(no_passphrase)
        } else {
            Ok(Self::Lines)
        }
    }

    /// One passphrase.
    ///
    /// # Errors
    ///
    /// [`Failure::NoPassphrase`].
    pub fn passphrase(&self, what: &str) -> Result<Passphrase, Failure> {
        let read = || read_line(io::stdin().lock());
        let Self::Terminal(screen) = self else {
            return read();
        };
        let typed = screen.unseen(|| {
            terminal::say_for_now(&format!("{what}: "));
            read()
        });
        // The end of the line is not shown either.
        terminal::retract();
        typed.map_err(no_passphrase)?
    }

    /// One that counts from now on: on a terminal it is typed twice.
    ///
    /// # Errors
    ///
    /// [`Failure::NoPassphrase`], also where the two differ.
    pub fn new_passphrase(&self, what: &str) -> Result<Passphrase, Failure> {
        let passphrase = self.passphrase(what)?;
        if matches!(self, Self::Terminal(_))
            && self.passphrase(&format!("{what}, again"))? != passphrase
        {
            return Err(no_passphrase("the two differ"));
        }
        Ok(passphrase)
    }
}

/// One line, without its end.
fn read_line(input: impl BufRead) -> Result<Passphrase, Failure> {
    // As large as it may become: a buffer that grows leaves copies behind.
    let mut line = Zeroizing::new(String::with_capacity(PASSPHRASE_LEN_MAX + 2));
    let read = input
        .take(PASSPHRASE_LEN_MAX as u64 + 2)
        .read_line(&mut line);
    let passphrase = line.trim_end_matches(['\r', '\n']);
    match read {
        Err(error) => Err(no_passphrase(error)),
        Ok(_) if passphrase.is_empty() => Err(no_passphrase("it is empty")),
        Ok(_) if passphrase.len() > PASSPHRASE_LEN_MAX => Err(no_passphrase(format!(
            "longer than {PASSPHRASE_LEN_MAX} bytes"
        ))),
        Ok(_) => Ok(Passphrase::new(passphrase.to_owned())),
    }
}

fn no_passphrase(why: impl ToString) -> Failure {
    let why = why.to_string();
    Failure::NoPassphrase { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_one_line_with_all_its_spaces() {
        let mut input = &b" correct horse \r\nbattery staple"[..];
        assert_eq!(read_line(&mut input).unwrap().expose(), " correct horse ");
        assert_eq!(read_line(&mut input).unwrap().expose(), "battery staple");
        let longest = "a".repeat(PASSPHRASE_LEN_MAX);
        let read = read_line(format!("{longest}\n").as_bytes());
        assert_eq!(read.unwrap().expose(), longest);
    }

    #[test]
    fn what_is_no_passphrase_is_refused() {
        let too_long = "a".repeat(PASSPHRASE_LEN_MAX + 1);
        for text in ["", "\n", too_long.as_str()] {
            let refused = read_line(text.as_bytes());
            assert!(matches!(refused, Err(Failure::NoPassphrase { .. })));
        }
        let refused = read_line(&[0xff_u8, 0xfe][..]);
        assert!(matches!(refused, Err(Failure::NoPassphrase { .. })));
    }
}
