//! A terminal that does not show what is typed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::interrupt::{self, Moment};

/// The terminal at stdin.
#[derive(Clone)]
pub struct Screen {
    before: Termios,
    /// What is typed now is a passphrase.
    hiding: Arc<AtomicBool>,
}

impl Screen {
    /// The one there is. A signal that ends or stops us does not leave it
    /// behind showing nothing.
    pub fn of_stdin() -> io::Result<Self> {
        let screen = Self {
            before: tcgetattr(io::stdin())?,
            hiding: Arc::default(),
        };
        let heard = screen.clone();
        interrupt::hear(move |moment| match moment {
            Moment::Ending | Moment::Stopping => heard.show(),
            Moment::Resumed if heard.hiding.load(Ordering::SeqCst) => drop(heard.hide()),
            Moment::Resumed => {}
        });
        Ok(screen)
    }

    /// What `read` returns, while nothing is shown.
    pub fn unseen<T>(&self, read: impl FnOnce() -> T) -> io::Result<T> {
        self.hiding.store(true, Ordering::SeqCst);
        let done = self.hide().map(|()| read());
        self.hiding.store(false, Ordering::SeqCst);
        self.show();
        done
    }

    /// What was typed ahead was shown, and is no passphrase.
    fn hide(&self) -> io::Result<()> {
        let mut hidden = self.before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        Ok(tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?)
    }

    fn show(&self) {
        // A terminal that is gone shows nothing to anybody.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
