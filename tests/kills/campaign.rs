//! From traced renewals to the kills, and all of those.

use crate::failure::Failure;
use crate::kill::{self, Aim, Kill, Traced};
use crate::options::Options;
use crate::step::{Progress, Step};
use crate::trace::Call;
use crate::untraced;
use crate::workers;

/// How many renewals are traced before the first kill.
const TRACED: usize = 5;

/// All kills, and what was measured before them.
pub struct Campaign {
    /// What each kill came to.
    pub kills: Vec<Shot>,
    /// How far apart the steps are, one entry a renewal that nobody traces.
    pub untraced: Vec<Window>,
    /// The same, one entry a traced renewal.
    pub traced: Vec<Window>,
    /// How many system calls a renewal has, one entry a traced renewal.
    pub calls: Vec<usize>,
}

/// One aim and what came of it.
pub struct Shot {
    /// Where the daemon was killed.
    pub aim: Aim,
    /// What came of it; a failure names what should not be.
    pub result: Result<Kill, Failure>,
}

/// The time in which a new refresh token exists and is not on the disk, in
/// microseconds: from when the last of the request was sent, or, where nobody
/// traces that, from when the daemon began to connect.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Until the answer was there.
    pub answered: u64,
    /// Until the session was written: a daemon that is killed later is signed
    /// in.
    pub written: u64,
    /// Until the session was synced and renamed.
    pub renamed: u64,
    /// Until its folder was synced: a power cut later does no harm.
    pub folder_synced: u64,
}

/// Kills a daemon at every system call of a renewal.
pub fn run(options: &Options) -> Result<Campaign, Failure> {
    let untraced = untraced::measure()?;
    eprintln!("tracing {TRACED} renewals …");
    let trace = |_: &()| kill::trace();
    let broken = |_: &(), panic| Err(Failure::of("tracing breaks down", panic));
    let traced = workers::each(options.jobs, &[(); TRACED], trace, broken)?;
    let traced = traced.into_iter().collect::<Result<Vec<_>, _>>()?;
    let renewals = Vec::from_iter(traced.iter().map(renewal));
    let longest = renewals.iter().max_by_key(|calls| calls.len());
    let aims = aims(longest.map_or(&[], Vec::as_slice), options.stride);

    eprintln!("killing {} daemons …", aims.len());
    let broken = |_: &Aim, panic| Err(Failure::of("the check breaks down", panic));
    let results = workers::each(options.jobs, &aims, shoot, broken)?;
    let shots = aims.into_iter().zip(results);
    Ok(Campaign {
        kills: Vec::from_iter(shots.map(|(aim, result)| Shot { aim, result })),
        untraced,
        traced: traced
            .iter()
            .filter_map(|it| window(&it.progress))
            .collect(),
        calls: renewals.iter().map(Vec::len).collect(),
    })
}

fn shoot(aim: &Aim) -> Result<Kill, Failure> {
    let result = kill::kill(aim);
    match &result {
        Ok(kill) => eprintln!("{aim}: {}, {}", kill.step, kill.session),
        Err(_) => eprintln!("{aim}: WRONG"),
    }
    result
}

/// The system calls from the firing of the timer to the hand-out, and the next
/// one after it.
fn renewal(traced: &Traced) -> Vec<Call> {
    let span = |step| traced.progress.span(step);
    let (Some(first), Some(last)) = (span(Step::Timer), span(Step::Served)) else {
        return Vec::new();
    };
    let mut calls = traced.calls.clone();
    calls.sort_by_key(|call| call.entered);
    calls.retain(|call| call.entered >= first.entered);
    let within = calls.iter().take_while(|it| it.entered <= last.entered);
    calls.truncate(within.count() + 1);
    calls
}

fn aims(calls: &[Call], stride: u32) -> Vec<Aim> {
    let aims = calls.iter().map(|call| Aim {
        thread: call.thread,
        name: call.name.clone(),
        number: call.number,
    });
    aims.step_by(stride as usize).collect()
}

fn window(progress: &Progress) -> Option<Window> {
    let sent = progress.span(Step::RequestSent)?.entered;
    let until = |step| Some(progress.span(step)?.left - sent);
    Some(Window {
        answered: until(Step::AnswerReceived)?,
        written: until(Step::SessionWritten)?,
        renamed: until(Step::SessionRenamed)?,
        folder_synced: until(Step::SessionFolderSynced)?,
    })
}

impl Campaign {
    /// Whether no session was lost that could have been kept.
    pub fn held(&self) -> bool {
        self.kills.iter().all(|shot| shot.result.is_ok())
    }
}
