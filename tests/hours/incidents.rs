//! What happens to a daemon, when, and what it changes.

use std::time::Duration;

use crate::disk::Health;
use crate::network::Sky;
use crate::sim::State;
use crate::tally::Kind;

/// Something that happens to a daemon.
#[derive(Clone, Copy, Debug)]
pub enum Incident {
    Get,
    Stampede,
    Refuse,
    LogIn,
    LogOut,
    Sleep,
    SetWallClock,
    Sky,
    Disk,
    Kill,
    Stop,
    EndSessions,
    Reconfigure,
}

impl State {
    /// Something that happens now, and how long nothing else does.
    pub fn draw_incident(&mut self) -> (Incident, Duration) {
        let pause = match self.random.below(10) {
            _ if self.calm => Duration::from_secs(600),
            // Things that meet: an answer under way, a write, a back-off.
            0 => Duration::from_millis(300),
            1 | 2 => Duration::from_secs(10),
            3 => Duration::from_secs(300),
            _ => Duration::from_secs(5400),
        };
        let pause = self.random.up_to(pause) + Duration::from_millis(1);
        (self.incident(), pause)
    }

    fn incident(&mut self) -> Incident {
        let plan = &self.plan;
        if self.calm {
            let signed_in = self.rules.is_signed_in();
            return if signed_in {
                Incident::Get
            } else {
                Incident::LogIn
            };
        }
        // Whoever has been signed out signs in again soon.
        if !self.rules.is_signed_in() && self.random.percent(30) {
            return Incident::LogIn;
        }
        match self.random.below(1000) {
            0..5 => Incident::Stampede,
            5..30 => Incident::LogIn,
            30..36 if plan.logouts => Incident::LogOut,
            36..39 if plan.logouts => Incident::EndSessions,
            39..60 if plan.demanding => Incident::Refuse,
            60..110 if plan.sleeps => Incident::Sleep,
            110..150 if plan.clocks => Incident::SetWallClock,
            150..220 if plan.network => Incident::Sky,
            220..270 if plan.disk => Incident::Disk,
            270..300 if plan.crashes => Incident::Kill,
            300..330 if plan.stops => Incident::Stop,
            330..340 => Incident::Reconfigure,
            _ => Incident::Get,
        }
    }

    pub fn calm_down(&mut self) {
        if !self.calm {
            self.calm = true;
            let now = self.time.real();
            self.sky_until = self.sky_until.min(now);
            self.disk.until = self.disk.until.min(now);
            self.note(format_args!("everything works from here on"));
        }
    }

    /// How the way to the server becomes, and for how long.
    pub fn change_sky(&mut self) {
        let sky = self.random.of(&Sky::BAD);
        let most = self.random.of(&[60, 60, 600, 3600, 3 * 86_400]);
        self.sky = sky;
        self.sky_until = self.time.real() + self.random.up_to(Duration::from_secs(most));
        let until = self.sky_until;
        self.note(format_args!("{sky:?} until {until:?}"));
        self.count(Kind::Fault, sky.name());
    }

    pub fn change_disk(&mut self) {
        self.disk.health = self.random.of(&Health::BAD);
        let most = self.random.of(&[10, 60, 600, 3600, 86_400]);
        self.disk.until = self.time.real() + self.random.up_to(Duration::from_secs(most));
        let (health, until) = (self.disk.health, self.disk.until);
        self.note(format_args!("disk {health:?} until {until:?}"));
        self.count(Kind::Fault, self.disk.health.name());
    }

    pub fn sleep(&mut self) {
        let most = self.random.of(&[10, 600, 8 * 3600, 8 * 3600, 3 * 86_400]);
        let by = self.random.up_to(Duration::from_secs(most));
        self.time.sleep(by);
        self.count(Kind::Fault, "sleeps");
    }

    pub fn set_wall_clock(&mut self) {
        let day = 86_400;
        let by = self.random.of(&[
            -400 * day,
            -day,
            -3600,
            -60,
            -1,
            1,
            60,
            3600,
            day,
            400 * day,
        ]);
        self.time.set_wall_clock(by);
        self.count(Kind::Fault, "wall clock set");
    }
}
