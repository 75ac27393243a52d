//! An authorization server, as strict as one can be: a refresh token is good
//! once, and one that comes again ends the session. What it issued and when
//! is the truth that the driver is held against.

use std::time::Duration;

use crate::plan::{Lifetimes, ODD_LIFETIMES, Plan};
use crate::random::Random;

/// How long a device code lives.
const DEVICE_CODE_LIFETIME: Duration = Duration::from_secs(300);

/// How often it may be polled, in seconds.
pub const INTERVAL: u64 = 5;

pub struct Server {
    lifetimes: Lifetimes,
    refresh_lifetime: Duration,
    rotates: bool,
    sessions: Vec<ServerSession>,
    /// When each access token expires, by its number.
    expiries: Vec<Duration>,
    devices: Vec<Device>,
}

struct ServerSession {
    /// The refresh token that is good now, by its number in the session.
    current: u64,
    /// What became of it.
    current_is: Fate,
    used: Duration,
    ended: Option<Ended>,
}

/// How far a refresh token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody has it but the server.
    OnTheWay,
    /// Nobody will: the daemon that asked for it is gone.
    CutOff,
    /// The daemon had it when its life of this number was under way.
    Received(u64),
    /// It was on the disk for good.
    Stored,
}

/// Who sends a refresh request.
#[derive(Clone, Copy, Debug)]
pub enum Sender {
    /// The daemon in its life of this number.
    Life(u64),
    /// Nobody any more: it was under way for too long.
    Late,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Nobody used the refresh token for too long.
    Unused,
    /// Somebody ended it at the server, or revoked it there.
    Revoked,
    /// The answer that held the next refresh token did not reach the daemon.
    AnswerLost,
    /// The daemon ended before that answer came.
    CrashBeforeAnswer,
    /// A request that was given up on arrived after the one that repeated it.
    Overtaken,
    /// The next refresh token reached the daemon, which ended before it was on
    /// the disk.
    CrashBeforeStored,
    /// The next refresh token was on the disk, or the same daemon had it: that
    /// must not happen.
    Replayed,
}

struct Device {
    code: String,
    expires: Duration,
    decision: Decision,
}

/// What the end user does with a user code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    None,
    Allowed,
    Denied,
    Redeemed,
}

/// A successful token answer.
#[derive(Clone, Debug)]
pub struct Issued {
    pub access_token: String,
    pub lifetime: u64,
    pub refresh_token: Option<String>,
}

/// How a token request is refused.
#[derive(Clone, Copy, Debug)]
pub enum Refused {
    /// `invalid_grant`, and why.
    Grant(Ended),
    /// Any other error of RFC 6749 or RFC 8628.
    Other(&'static str),
}

impl Ended {
    pub fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused for too long",
            Self::Revoked => "ended at the server",
            Self::AnswerLost => "answer lost on the way",
            Self::CrashBeforeAnswer => "daemon ended before the answer came",
            Self::CrashBeforeStored => "daemon ended before the answer was on disk",
            Self::Overtaken => "a request given up on arrived after all",
            Self::Replayed => "replayed",
        }
    }
}

impl Server {
    pub fn new(plan: &Plan) -> Self {
        Self {
            lifetimes: plan.lifetimes,
            refresh_lifetime: plan.refresh_lifetime,
            rotates: plan.rotates,
            sessions: Vec::new(),
            expiries: Vec::new(),
            devices: Vec::new(),
        }
    }

    /// RFC 8628 §3.2; the device code, which is the user code too.
    pub fn authorize(&mut self, now: Duration) -> (String, Duration) {
        let code = format!("CODE{}", self.devices.len());
        self.devices.push(Device {
            code: code.clone(),
            expires: now + DEVICE_CODE_LIFETIME,
            decision: Decision::None,
        });
        (code, DEVICE_CODE_LIFETIME)
    }

    pub fn decide(&mut self, code: &str, decision: Decision) {
        if let Some(device) = self.devices.iter_mut().find(|it| it.code == code)
            && device.decision == Decision::None
        {
            device.decision = decision;
        }
    }

    /// RFC 8628 §3.4.
    pub fn poll(
        &mut self,
        code: &str,
        now: Duration,
        bare: bool,
        random: &mut Random,
    ) -> Result<Issued, Refused> {
        let Some(device) = self.devices.iter_mut().find(|it| it.code == code) else {
            return Err(Refused::Other("invalid_request"));
        };
        match device.decision {
            Decision::Redeemed => return Err(Refused::Grant(Ended::Revoked)),
            _ if device.expires <= now => return Err(Refused::Other("expired_token")),
            Decision::Denied => return Err(Refused::Other("access_denied")),
            Decision::None if random.percent(10) => return Err(Refused::Other("slow_down")),
            Decision::None => return Err(Refused::Other("authorization_pending")),
            Decision::Allowed => device.decision = Decision::Redeemed,
        }
        self.sessions.push(ServerSession {
            current: 0,
            current_is: Fate::OnTheWay,
            used: now,
            ended: None,
        });
        let mut issued = self.issue(self.sessions.len() - 1, now, random);
        if bare {
            issued.refresh_token = None;
        }
        Ok(issued)
    }

    /// RFC 6749 §6; the refresh token is used up before the answer is written.
    pub fn refresh(
        &mut self,
        refresh_token: &str,
        now: Duration,
        sender: Sender,
        random: &mut Random,
    ) -> Result<Issued, Refused> {
        let Some((number, sent)) = self.find(refresh_token) else {
            return Err(Refused::Other("invalid_request"));
        };
        let (lifetime, rotates) = (self.refresh_lifetime, self.rotates);
        let session = &mut self.sessions[number];
        if let Some(why) = session.ended {
            return Err(Refused::Grant(why));
        }
        if sent != session.current {
            let why = match (session.current_is, sender) {
                (_, Sender::Late) => Ended::Overtaken,
                (Fate::OnTheWay, _) => Ended::AnswerLost,
                (Fate::CutOff, _) => Ended::CrashBeforeAnswer,
                (Fate::Received(then), Sender::Life(now)) if then != now => {
                    Ended::CrashBeforeStored
                }
                (Fate::Received(_) | Fate::Stored, _) => Ended::Replayed,
            };
            session.ended = Some(why);
            return Err(Refused::Grant(why));
        }
        if session.used + lifetime < now {
            session.ended = Some(Ended::Unused);
            return Err(Refused::Grant(Ended::Unused));
        }
        session.used = now;
        if rotates {
            session.current += 1;
            session.current_is = Fate::OnTheWay;
        }
        let mut issued = self.issue(number, now, random);
        // RFC 6749 §6 allows to send none, or the same again.
        if !rotates && random.percent(50) {
            issued.refresh_token = None;
        }
        Ok(issued)
    }

    fn issue(&mut self, session: usize, now: Duration, random: &mut Random) -> Issued {
        let lifetime = match self.lifetimes {
            Lifetimes::Same(seconds) => seconds,
            Lifetimes::Odd => random.of(&ODD_LIFETIMES),
        };
        self.expiries.push(now + Duration::from_secs(lifetime));
        let current = self.sessions[session].current;
        Issued {
            access_token: format!("at-{}", self.expiries.len() - 1),
            lifetime,
            refresh_token: Some(format!("rt-{session}-{current}")),
        }
    }

    /// RFC 7009 §2: ends the whole session, whichever of its refresh tokens it
    /// was.
    pub fn revoke(&mut self, refresh_token: &str) {
        if let Some((number, _)) = self.find(refresh_token) {
            self.end(number);
        }
    }

    /// An administrator ends every session.
    pub fn revoke_all(&mut self) {
        for number in 0..self.sessions.len() {
            self.end(number);
        }
    }

    fn end(&mut self, number: usize) {
        let ended = &mut self.sessions[number].ended;
        *ended = ended.or(Some(Ended::Revoked));
    }

    /// A refresh token came this far.
    pub fn note(&mut self, refresh_token: &str, fate: Fate) {
        if let Some((number, sent)) = self.find(refresh_token) {
            let session = &mut self.sessions[number];
            if session.current == sent && session.current_is != Fate::Stored {
                session.current_is = fate;
            }
        }
    }

    /// Whether a refresh with this refresh token would be granted.
    pub fn would_take(&self, refresh_token: &str, now: Duration) -> bool {
        self.find(refresh_token).is_some_and(|(number, sent)| {
            let session = &self.sessions[number];
            session.ended.is_none()
                && session.current == sent
                && now <= session.used + self.refresh_lifetime
        })
    }

    /// When an access token expires; `None`: it was never issued.
    pub fn expiry(&self, access_token: &str) -> Option<Duration> {
        let number: usize = access_token.strip_prefix("at-")?.parse().ok()?;
        self.expiries.get(number).copied()
    }

    fn find(&self, refresh_token: &str) -> Option<(usize, u64)> {
        let (session, number) = refresh_token.strip_prefix("rt-")?.split_once('-')?;
        let session = session.parse().ok()?;
        (session < self.sessions.len()).then_some((session, number.parse().ok()?))
    }
}
