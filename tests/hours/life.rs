//! One life of the daemon, from its start to whatever ends it.

use std::sync::Arc;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::ProfileView;
use oic_tokend::config::ProfileConfig;
use oic_tokend::lifecycle::{BootTime, Settings, catch_up_time};
use oic_tokend::profile::{self, Command, Commands, Wanted};
use oic_tokend::roster;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::incidents::Incident;
use crate::machine::Machine;
use crate::people;
use crate::rules::Moment;
use crate::sim::{Sim, State};

/// How long a daemon that is told to end may take: the longest answer, and
/// ten seconds for its way to the disk.
const FAREWELL: Duration = Duration::from_secs(130);

/// For how long everything works at the end of a run: then everything must.
const CALM: Duration = Duration::from_secs(2 * 3600);

/// Callers at one moment.
const STAMPEDE: u64 = 200;

/// How a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Killed,
    /// In good order.
    Stopped,
    /// It had to be, and took too long.
    CutOff,
    /// The run is over, or has failed.
    Over,
}

/// A daemon, those who call it, and what befalls it.
pub struct Life {
    sim: Arc<Sim>,
    commands: Commands,
    wanted: Option<watch::Sender<Wanted<Machine>>>,
    daemon: JoinSet<()>,
    callers: JoinSet<()>,
    /// How often the driver had come to rest when it was looked at last.
    looked: u64,
    ends: Instant,
}

impl Life {
    /// Starts a daemon that is looked at until `ends`.
    pub fn start(sim: &Arc<Sim>, ends: Instant) -> Self {
        let life = sim.with(State::begin_life);
        let (wanted, receiver) = watch::channel(wanted(sim, life));
        let (commands, task) = profile::task(receiver);
        let mut daemon = JoinSet::new();
        daemon.spawn(task);
        Self {
            sim: Arc::clone(sim),
            commands,
            wanted: Some(wanted),
            daemon,
            callers: JoinSet::new(),
            looked: 0,
            ends,
        }
    }

    pub async fn live(mut self) -> End {
        let mut next = Instant::now();
        let calm_from = self.ends - CALM;
        let end = loop {
            let now = Instant::now();
            if self.sim.has_failed() || now >= self.ends {
                break End::Over;
            }
            let calm = now >= calm_from;
            if calm {
                self.sim.with(State::calm_down);
                self.sim.disk_changed.notify_waiters();
            }
            tokio::select! {
                biased;
                () = self.sim.died.notified() => break End::Killed,
                Some(ended) = self.daemon.join_next() => {
                    let how = format!("the daemon ended by itself: {ended:?}");
                    self.sim.with(|state| state.fail(how));
                }
                () = self.sim.rested.notified() => self.look().await,
                () = sleep_until(calm_from), if !calm => next = Instant::now(),
                () = sleep_until(next) => {
                    let (incident, pause) = self.sim.with(State::draw_incident);
                    next = (Instant::now() + pause).min(self.ends);
                    if self.befall(incident).await {
                        break self.stop().await;
                    }
                    self.look_again().await;
                }
                Some(_) = self.callers.join_next() => {}
            }
        };
        self.sim.with(|state| state.check_end(end));
        self.daemon.shutdown().await;
        self.callers.shutdown().await;
        // What the driver had under way has noticed when this is over.
        sleep(Duration::from_millis(1)).await;
        end
    }

    /// Looks at `status`, if the driver has done anything since the last look.
    async fn look(&mut self) {
        while self.looked != self.sim.with(|state| state.rests) {
            self.look_again().await;
            if self.sim.has_failed() {
                return;
            }
        }
    }

    async fn look_again(&mut self) {
        let (ready, before) = self
            .sim
            .with(|state| (state.rules.restored && state.alive, state.rests));
        self.looked = before;
        let (reply, response) = oneshot::channel();
        if !ready || self.commands.try_send(Command::Status { reply }).is_err() {
            return;
        }
        // No answer: the daemon was killed or is ending.
        if let Ok(Response::Profile(view)) = response.await {
            self.sim.with(|state| state.look(&view));
            // Answering makes it come to rest once more.
            self.looked = before + 1;
        }
    }

    /// Whether the daemon is to stop in good order.
    async fn befall(&mut self, incident: Incident) -> bool {
        self.sim
            .with(|state| state.note(format_args!("{incident:?}")));
        match incident {
            Incident::Get => self.get(),
            Incident::Stampede => (0..STAMPEDE).for_each(|_| self.get()),
            Incident::Refuse => self.refuse().await,
            Incident::LogIn => {
                let habit = self.sim.with(State::draw_habit);
                let (sim, commands) = (Arc::clone(&self.sim), self.commands.clone());
                self.callers.spawn(people::log_in(sim, commands, habit));
            }
            Incident::LogOut => self.log_out().await,
            Incident::Kill => self.sim.with(|state| state.die(&self.sim.died)),
            Incident::Stop => return true,
            Incident::Sleep => {
                self.sim.with(State::sleep);
                self.sim.woken.notify_waiters();
                // It may have come back meanwhile.
                self.sim.disk_changed.notify_waiters();
            }
            Incident::SetWallClock => {
                self.sim.with(State::set_wall_clock);
                self.sim.woken.notify_waiters();
            }
            Incident::Sky => self.sim.with(State::change_sky),
            Incident::Disk => {
                self.sim.with(State::change_disk);
                self.sim.disk_changed.notify_waiters();
            }
            Incident::Reconfigure => self.reconfigure(),
            Incident::EndSessions => self.sim.with(|state| state.server.revoke_all()),
        }
        false
    }

    /// The configuration is read again.
    fn reconfigure(&mut self) {
        let life = self.sim.with(|state| {
            let (real, now) = (state.time.real(), state.time.boot());
            state.rules.reconfigured(real, now);
            state.life
        });
        if let Some(sender) = &self.wanted {
            sender.send_replace(wanted(&self.sim, life));
        }
    }

    fn get(&mut self) {
        let (sim, commands) = (Arc::clone(&self.sim), self.commands.clone());
        let (ask, hangs_up) = self
            .sim
            .with(|state| (state.draw_ask(), state.random.percent(10)));
        self.callers
            .spawn(people::get(sim, commands, ask, hangs_up));
    }

    /// Reports that the token that was handed out last was refused.
    async fn refuse(&mut self) {
        let token = self
            .sim
            .with(|state| state.last_token.take().filter(|_| state.rules.restored));
        let Some(token) = token else {
            return;
        };
        let (reply, response) = oneshot::channel();
        let fingerprint = token.fingerprint();
        let command = Command::RejectToken { fingerprint, reply };
        if self.commands.try_send(command).is_ok() && response.await.is_ok() {
            self.sim.with(|state| {
                let now = state.time.boot();
                state.rules.refuse(token.expose(), now);
            });
        }
    }

    /// Sends a logout, and lets `status` tell when it has been heard.
    async fn log_out(&mut self) {
        let (reply, response) = oneshot::channel();
        let ready = self.sim.with(|state| {
            state.rules.logging_out = state.rules.restored;
            state.rules.restored
        });
        if !ready || self.commands.try_send(Command::Logout { reply }).is_err() {
            return;
        }
        let known = self.sim.with(|state| state.rules.known().cloned());
        let (heard, status) = oneshot::channel();
        if self
            .commands
            .try_send(Command::Status { reply: heard })
            .is_ok()
            && status.await.is_ok()
        {
            self.sim.with(|state| state.rules.logged_out());
        }
        let sim = Arc::clone(&self.sim);
        self.callers
            .spawn(people::wait_for_logout(sim, response, known));
    }

    /// Tells the daemon to end, and sees that it does.
    async fn stop(&mut self) -> End {
        self.sim.with(|state| state.stopping = true);
        self.wanted = None;
        let latest = Instant::now() + FAREWELL + Duration::from_millis(20);
        loop {
            tokio::select! {
                biased;
                () = self.sim.died.notified() => return End::Killed,
                ended = self.daemon.join_next() => {
                    if let Some(Err(panic)) = ended {
                        self.sim.with(|state| state.fail(format!("the daemon ended: {panic}")));
                    }
                    return End::Stopped;
                }
                () = sleep_until(latest) => {
                    self.sim.with(State::check_cut_off);
                    return End::CutOff;
                }
                Some(_) = self.callers.join_next() => {}
            }
        }
    }
}

fn wanted(sim: &Arc<Sim>, life: u64) -> Wanted<Machine> {
    Wanted {
        settings: sim.with(|state| state.settings(&sim.profile)),
        world: Arc::new(Machine::new(sim, life)),
        within: Duration::ZERO,
    }
}

impl State {
    fn settings(&mut self, profile: &ProfileConfig) -> Settings {
        let plan = &self.plan;
        let refresh_lifetime = plan.configured.then_some(plan.refresh_lifetime);
        Settings {
            seed: self.random.next(),
            revocable: plan.revocable,
            refresh_token_lifetime: refresh_lifetime,
            ..roster::settings(profile, catch_up_time(plan.profiles))
        }
    }

    /// Only a bad disk may keep a daemon from ending.
    fn check_cut_off(&mut self) {
        let real = self.time.real();
        if self.disk.is_good_for(FAREWELL, real) {
            self.fail("the daemon does not end");
        }
    }

    fn begin_life(&mut self) -> u64 {
        self.life += 1;
        (self.alive, self.stopping) = (true, false);
        self.able_since = self.time.boot();
        self.disk.rest();
        self.note(format_args!("starts"));
        self.life
    }

    fn look(&mut self, view: &ProfileView) {
        self.tally.steps += 1;
        let (now, real) = (self.time.now(), self.time.real());
        let moment = Moment {
            now,
            real,
            server: &self.server,
            disk: &self.disk,
            able_since: self.able_since.max(self.time.awake_since()),
            clear_since: self.clear_since(),
            ordinary_lifetimes: self.plan.ordinary_lifetimes(),
        };
        let result = self.rules.look(view, &moment);
        self.check(result);
        if self.rules.is_signed_in() {
            self.signed_in_at = real;
        }
    }

    /// Since when, by the boot clock, nothing has been in the way.
    fn clear_since(&self) -> Option<BootTime> {
        let (now, real) = (self.time.boot(), self.time.real());
        let since = real.checked_sub(self.sky_until)?;
        Some(BootTime(now.0.saturating_sub(since)))
    }
}
