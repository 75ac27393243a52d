//! Ctrl-C and its like: what is put right before they end or stop this
//! program. It ends by the signal all the same, so that a shell's loop ends
//! with it.

/// What a signal is about to do, or has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "nothing stops a program there"))]
pub enum Moment {
    /// The program ends.
    Ending,
    /// It stops, as by Ctrl-Z.
    Stopping,
    /// It goes on after a stop.
    Resumed,
}

/// Calls `put_right` whenever a signal is about to end or stop the program,
/// from now on. Nothing else is printed meanwhile.
#[cfg(unix)]
pub fn hear(mut put_right: impl FnMut(Moment) + Send + 'static) {
    use signal_hook::consts::{SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // Where the system allows no handlers, signals do what they always do.
    let Ok(mut signals) = Signals::new([SIGINT, SIGQUIT, SIGTERM, SIGTSTP]) else {
        return;
    };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            let _alone = (std::io::stdout().lock(), std::io::stderr().lock());
            let (before, after) = match signal {
                SIGTSTP => (Moment::Stopping, Some(Moment::Resumed)),
                _ => (Moment::Ending, None),
            };
            put_right(before);
            // It fails for signals that it does not know, and knows these.
            let _ = emulate_default_handler(signal);
            after.into_iter().for_each(&mut put_right);
        }
    });
}

/// Elsewhere Ctrl-C ends the program as it is.
#[cfg(not(unix))]
pub fn hear(_: impl FnMut(Moment) + Send + 'static) {}
