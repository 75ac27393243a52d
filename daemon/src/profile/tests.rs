//! The driver, with a world that the test plays.

mod shelf;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use oic_proto::Response;
use oic_proto::Secret;
use oic_proto::message::{Refusal, UnixTime};
use oic_proto::secret::AccessToken;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::answers::WAITING_MAX;
use super::{Command, Commands, Shelf, Wanted, task};
use crate::clock::Alarm;
use crate::lifecycle::{
    Action, Ask, BootTime, Event, Now, RefreshToken, RefreshTokenExpiry, Settings,
    StoredAccessToken, StoredRefreshToken, StoredSession,
};
use crate::oauth::TokenGrant;
use crate::world::World;

const HOUR: Duration = Duration::from_secs(3600);

/// What the driver began, and where its answer goes.
struct Begun {
    action: Action,
    /// The name of the world that it was begun in.
    world: &'static str,
    answer: oneshot::Sender<Event>,
}

struct Played {
    name: &'static str,
    started: Instant,
    stored: Mutex<Option<StoredSession>>,
    begun: mpsc::UnboundedSender<Begun>,
    /// Looked at whenever the driver says that another token is served.
    shelf: OnceLock<Arc<Shelf>>,
    /// What lay ready then, each time.
    ready: Mutex<Vec<bool>>,
}

struct PlayedAlarm(Instant);

impl Alarm for PlayedAlarm {
    async fn until(&mut self, deadline: Option<BootTime>) {
        match deadline {
            None => std::future::pending().await,
            Some(at) => tokio::time::sleep_until(self.0 + at.0).await,
        }
    }
}

impl World for Played {
    type Alarm = PlayedAlarm;

    fn now(&self) -> Now {
        let up = self.started.elapsed();
        Now {
            boot: BootTime(up),
            wall: UnixTime(i64::try_from(up.as_secs()).unwrap()),
        }
    }

    fn alarm(&self) -> PlayedAlarm {
        PlayedAlarm(self.started)
    }

    async fn restore(&self) -> Event {
        let stored = self.stored.lock().unwrap().take();
        stored.map_or(Event::NothingStored, Event::Restored)
    }

    fn serve(&self, _: Option<&AccessToken>) {
        if let Some(shelf) = self.shelf.get() {
            let ready = shelf.hand_out(Duration::ZERO, self.now().boot, |_, _| ());
            self.ready.lock().unwrap().push(ready.is_some());
        }
    }

    async fn perform(&self, action: Action) -> Event {
        let (answer, event) = oneshot::channel();
        let begun = Begun {
            action,
            world: self.name,
            answer,
        };
        self.begun.send(begun).unwrap();
        event.await.unwrap()
    }
}

/// A driver that runs, in time that the runtime makes up.
struct Stage {
    wanted: Option<watch::Sender<Wanted<Played>>>,
    commands: Commands,
    begun: mpsc::UnboundedReceiver<Begun>,
    begins: mpsc::UnboundedSender<Begun>,
    started: Instant,
    running: JoinHandle<()>,
}

impl Stage {
    /// rt-1 and at-1, which lives an hour, were on the disk.
    fn signed_in() -> Self {
        let (begins, begun) = mpsc::unbounded_channel();
        let started = Instant::now();
        let world = world("first", started, &begins);
        *world.stored.lock().unwrap() = Some(session());
        let (wanted, receiver) = watch::channel(wanted(world));
        let (commands, driver) = task(receiver);
        Self {
            wanted: Some(wanted),
            commands,
            begun,
            begins,
            started,
            running: tokio::spawn(driver),
        }
    }

    /// The configuration has the profile no more, or the daemon ends.
    fn close(&mut self) {
        self.wanted = None;
    }

    /// The configuration has the profile another way.
    fn change(&mut self, name: &'static str) {
        let world = world(name, self.started, &self.begins);
        let sender = self.wanted.as_ref().unwrap();
        sender.send_replace(wanted(world));
    }

    fn ask(&self, newer: bool) -> oneshot::Receiver<Response> {
        let now = BootTime(self.started.elapsed());
        let ask = Ask {
            min_validity: Duration::ZERO,
            newer_than: newer.then_some(now),
            deadline: now.after(HOUR),
        };
        let (reply, answer) = oneshot::channel();
        let asking = Command::GetToken {
            ask,
            asked: now,
            reply,
        };
        assert!(self.commands.try_send(asking).is_ok(), "no room");
        answer
    }

    /// What the driver does next, or would do within a day.
    async fn next(&mut self) -> Begun {
        let day = Duration::from_secs(24 * 3600);
        let begun = tokio::time::timeout(day, self.begun.recv()).await;
        begun.expect("something is done").unwrap()
    }

    /// Whoever asks for a newer token has it asked for: the intent to refresh
    /// is on the disk, and the request has been sent.
    async fn refreshing(&mut self) -> Begun {
        self.next().await.store(Ok(()));
        let begun = self.next().await;
        assert!(matches!(begun.action, Action::RefreshToken { .. }));
        begun
    }
}

impl Begun {
    #[track_caller]
    fn store(self, result: Result<(), String>) {
        let Action::Store { generation, .. } = self.action else {
            panic!("{:?} is no write", self.action);
        };
        let _ = self.answer.send(Event::Stored { generation, result });
    }

    #[track_caller]
    fn grant(self, number: u32) {
        let Action::RefreshToken { request, .. } = self.action else {
            panic!("{:?} is no refresh", self.action);
        };
        let grant = TokenGrant {
            access_token: AccessToken::new(format!("at-{number}")),
            lifetime: HOUR,
            refresh_token: Some(refresh_token(number)),
            refresh_token_lifetime: None,
            subject: None,
        };
        let _ = self.answer.send(Event::TokenAnswered {
            request,
            answer: Ok(grant),
        });
    }
}

fn world(name: &'static str, started: Instant, begun: &mpsc::UnboundedSender<Begun>) -> Played {
    Played {
        name,
        started,
        stored: Mutex::default(),
        begun: begun.clone(),
        shelf: OnceLock::new(),
        ready: Mutex::default(),
    }
}

fn wanted(world: Played) -> Wanted<Played> {
    Wanted {
        settings: Settings {
            profile: "prod".to_owned(),
            scopes: vec!["api".to_owned()],
            hosts: vec!["*.example.com".to_owned()],
            revocable: true,
            refresh_token_lifetime: None,
            refresh_token_expiry: RefreshTokenExpiry::Sliding,
            memory_only: false,
            catch_up_time: Duration::ZERO,
            seed: 1,
        },
        world: Arc::new(world),
        within: Duration::ZERO,
    }
}

fn refresh_token(number: u32) -> RefreshToken {
    RefreshToken(Secret::new(format!("rt-{number}")))
}

fn session() -> StoredSession {
    let start = UnixTime(0);
    StoredSession {
        generation: 1,
        refresh_token: Some(StoredRefreshToken {
            refresh_token: refresh_token(1),
            obtained_at: start,
            session_began_at: start,
            lifetime: None,
            sent_at: None,
        }),
        access_token: Some(StoredAccessToken {
            access_token: AccessToken::new("at-1".to_owned()),
            lifetime: HOUR,
            expires_at: UnixTime(3600),
            expires: None,
        }),
        subject: None,
        ended: None,
    }
}

/// "at-1", or why there is none.
async fn answered(answer: oneshot::Receiver<Response>) -> String {
    match answer.await {
        Ok(Response::Token(view)) => view.access_token.expose().to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(_) => "nothing".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn callers_that_are_gone_make_room_for_others() {
    let mut stage = Stage::signed_in();
    let first = stage.ask(true);
    let refresh = stage.refreshing().await;
    let mut waiting = vec![first];
    while waiting.len() < WAITING_MAX {
        waiting.push(stage.ask(true));
        tokio::task::yield_now().await;
    }
    let busy = Response::Refused(Refusal::Busy);
    assert_eq!(stage.ask(true).await.unwrap(), busy);
    drop(waiting);
    let late = stage.ask(true);
    tokio::time::advance(Duration::from_secs(1)).await;
    refresh.grant(2);
    stage.next().await.store(Ok(()));
    assert_eq!(answered(late).await, "at-2");
}

#[tokio::test(start_paused = true)]
async fn nobody_who_is_gone_is_refreshed_for() {
    let mut stage = Stage::signed_in();
    let first = stage.ask(true);
    let refresh = stage.refreshing().await;
    tokio::time::advance(Duration::from_secs(1)).await;
    refresh.grant(2);
    let storing = stage.next().await;
    tokio::time::advance(Duration::from_secs(1)).await;
    // at-2 is too old for this one, who does not wait.
    drop(stage.ask(true));
    tokio::task::yield_now().await;
    storing.store(Ok(()));
    assert_eq!(answered(first).await, "at-2");
    let next = stage.next().await;
    assert!(stage.started.elapsed() > HOUR / 2, "{:?}", next.action);
}

#[tokio::test(start_paused = true)]
async fn a_request_under_way_ends_as_it_began_and_the_next_goes_the_new_way() {
    let mut stage = Stage::signed_in();
    let waiting = stage.ask(true);
    let refresh = stage.refreshing().await;
    stage.change("second");
    tokio::task::yield_now().await;
    refresh.grant(2);
    let storing = stage.next().await;
    assert_eq!(storing.world, "second");
    storing.store(Ok(()));
    assert_eq!(answered(waiting).await, "at-2");
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_ends_waits_for_the_refresh_under_way_and_begins_no_other() {
    let mut stage = Stage::signed_in();
    let waiting = stage.ask(true);
    let refresh = stage.refreshing().await;
    tokio::time::advance(Duration::from_secs(1)).await;
    // at-2 comes in the moment of this ask: it wants a newer one.
    let late = stage.ask(true);
    tokio::task::yield_now().await;
    stage.close();
    refresh.grant(2);
    stage.next().await.store(Ok(()));
    assert_eq!(answered(waiting).await, "at-2");
    assert_eq!(answered(late).await, "nothing");
    stage.running.await.unwrap();
    assert!(stage.begun.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_ends_before_its_refresh_is_sent_sends_none() {
    let mut stage = Stage::signed_in();
    let waiting = stage.ask(true);
    let recording = stage.next().await;
    stage.close();
    tokio::task::yield_now().await;
    recording.store(Ok(()));
    let begun = stage.next().await;
    let Action::Store { session, .. } = &begun.action else {
        panic!("{:?}", begun.action);
    };
    // The intent is taken back.
    assert_eq!(
        session
            .as_ref()
            .unwrap()
            .refresh_token
            .as_ref()
            .unwrap()
            .sent_at,
        None
    );
    begun.store(Ok(()));
    assert_eq!(answered(waiting).await, "nothing");
    stage.running.await.unwrap();
}

/// It holds the only refresh token that is still good.
#[tokio::test(start_paused = true)]
async fn a_profile_that_ends_goes_on_until_the_disk_takes_its_session() {
    let mut stage = Stage::signed_in();
    drop(stage.ask(true));
    stage.refreshing().await.grant(2);
    stage.close();
    for _ in 0..1000 {
        let full = Err("no space left on device".to_owned());
        stage.next().await.store(full);
    }
    assert!(!stage.running.is_finished());
    stage.next().await.store(Ok(()));
    stage.running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_has_a_profile_examined_again_and_again_waits_for_the_turn() {
    let stage = Stage::signed_in();
    let begun = Instant::now();
    let mut answers = Vec::new();
    for _ in 0..4 {
        let (reply, answer) = oneshot::channel();
        let examine = Command::Examine { reply };
        assert!(stage.commands.try_send(examine).is_ok(), "no room");
        answers.push(answer);
    }
    let busy = answers.pop().unwrap();
    for (answer, seconds) in answers.into_iter().zip([0, 5, 10]) {
        let answer = answer.await.unwrap();
        assert!(matches!(answer, Response::Findings(_)), "{answer:?}");
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
    assert_eq!(answered(busy).await, "Refused(Busy)");
}
