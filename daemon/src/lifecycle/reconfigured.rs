//! A configuration that changes while a session lives.

use std::time::Duration;

use super::{Lifecycle, Now, Renewal, Session, Settings, schedule};

impl Lifecycle {
    /// The session goes on, and so does what is under way. A pause after an
    /// error ends: the change may be its repair, and whoever made it is
    /// waiting to see.
    pub(super) fn on_reconfigured(&mut self, settings: Settings, within: Duration, now: Now) {
        let life = |it: &Settings| (it.refresh_token_lifetime, it.refresh_token_expiry);
        let other_life = life(&settings) != life(&self.settings);
        // It goes to the disk at once, or leaves it.
        if settings.memory_only != self.settings.memory_only && self.is_read() {
            self.disk.change();
        }
        self.settings = settings;
        if other_life {
            self.reckon_expiry(now);
        }
        if let Session::SignedIn(live) = &mut self.session
            && let Renewal::Backoff {
                until, early_from, ..
            } = &mut live.renewal
        {
            let pause = schedule::catch_up(within, &mut self.jitter);
            *until = (*until).min(now.boot.after(pause));
            *early_from = now.boot;
        }
        self.on_renewal_time(now);
    }

    /// The refresh token may live shorter than was known.
    fn reckon_expiry(&mut self, now: Now) {
        self.session = match self.session.take() {
            Session::SignedIn(mut live) => {
                live.held.expiry = self.expiry(&live.held, now);
                if let (Renewal::Due(due), Some(token)) = (&mut live.renewal, &live.access_token) {
                    let idle_lifetime = live.held.idle_lifetime();
                    let anew = schedule::renew_at(token, idle_lifetime, &mut self.jitter);
                    *due = (*due).min(anew);
                }
                Session::SignedIn(live)
            }
            other => other,
        };
    }
}
