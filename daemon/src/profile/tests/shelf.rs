//! The answer that lies ready, and when none does.

use super::*;

impl Stage {
    /// What a caller gets who asks nobody: the token, and for how long it is
    /// valid.
    fn at_once(&self, min_validity: Duration) -> Option<(String, Duration)> {
        let now = BootTime(self.started.elapsed());
        let shelf = self.commands.shelf();
        shelf.hand_out(min_validity, now, |frame, _| {
            let body = &frame[oic_proto::frame::HEADER_LEN..];
            let Ok(Response::Token(view)) = oic_proto::frame::decode(body) else {
                panic!("another answer");
            };
            let token = view.access_token.expose().to_owned();
            (token, view.expires_in)
        })
    }

    fn token_at_once(&self) -> Option<String> {
        self.at_once(Duration::ZERO).map(|(token, _)| token)
    }

    /// One has asked, so that the next need not.
    async fn with_an_answer_ready() -> Self {
        let stage = Self::signed_in();
        // The first one waits for the disk.
        for _ in 0..2 {
            assert_eq!(stage.token_at_once(), None, "nobody has asked yet");
            assert_eq!(answered(stage.ask(false)).await, "at-1");
        }
        stage
    }

    fn send(&self, command: impl FnOnce(oneshot::Sender<Response>) -> Command) {
        assert!(
            self.commands
                .try_send(command(oneshot::channel().0))
                .is_ok()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_after_the_first_asks_nobody() {
    let stage = Stage::with_an_answer_ready().await;
    let (token, valid) = stage.at_once(Duration::from_secs(60)).unwrap();
    tokio::time::advance(Duration::from_secs(10)).await;
    let (same, later) = stage.at_once(Duration::from_secs(60)).unwrap();
    assert_eq!((token.as_str(), same.as_str()), ("at-1", "at-1"));
    assert_eq!(valid - later, Duration::from_secs(10));
    assert_eq!(stage.at_once(HOUR), None, "not valid for so long");
}

#[tokio::test(start_paused = true)]
async fn hand_outs_that_nobody_was_asked_for_are_counted() {
    let stage = Stage::with_an_answer_ready().await;
    for _ in 0..3 {
        stage.token_at_once().unwrap();
    }
    for _ in 0..2 {
        let (reply, answer) = oneshot::channel();
        stage
            .commands
            .send(Command::Metrics { reply })
            .await
            .unwrap();
        let Response::Metrics(metrics) = answer.await.unwrap() else {
            panic!("another answer");
        };
        let counts = metrics.handouts.iter().map(|it| it.count);
        assert_eq!(counts.sum::<u64>(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_refused_is_not_handed_out_once_that_is_answered() {
    let stage = Stage::with_an_answer_ready().await;
    let other = AccessToken::new("at-0".to_owned()).fingerprint();
    let present = AccessToken::new("at-1".to_owned()).fingerprint();
    for (fingerprint, left) in [(other, Some("at-1")), (present, None)] {
        let (reply, answer) = oneshot::channel();
        let reject = Command::RejectToken { fingerprint, reply };
        stage.commands.send(reject).await.unwrap();
        answer.await.unwrap();
        assert_eq!(stage.token_at_once().as_deref(), left);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_lies_ready_once_a_logout_has_begun() {
    let mut stage = Stage::with_an_answer_ready().await;
    stage.send(|reply| Command::Logout { reply });
    stage.next().await;
    assert_eq!(stage.token_at_once(), None);
}

#[tokio::test(start_paused = true)]
async fn a_new_token_takes_the_place_of_the_old_one() {
    let mut stage = Stage::with_an_answer_ready().await;
    tokio::time::advance(Duration::from_secs(1)).await;
    let waiting = stage.ask(true);
    let refresh = stage.refreshing().await;
    assert_eq!(stage.token_at_once().as_deref(), Some("at-1"));
    refresh.grant(2);
    let storing = stage.next().await;
    assert_eq!(
        stage.token_at_once().as_deref(),
        Some("at-1"),
        "not on disk"
    );
    storing.store(Ok(()));
    assert_eq!(answered(waiting).await, "at-2");
    assert_eq!(stage.token_at_once(), None, "the old one is gone");
    assert_eq!(answered(stage.ask(false)).await, "at-2");
    assert_eq!(stage.token_at_once().as_deref(), Some("at-2"));
}

/// From the moment on when the core is told, and until the driver has looked.
#[tokio::test(start_paused = true)]
async fn nothing_lies_ready_while_the_driver_is_at_it() {
    let mut stage = Stage::with_an_answer_ready().await;
    let world = Arc::clone(&stage.wanted.as_ref().unwrap().borrow().world);
    world.shelf.set(Arc::clone(stage.commands.shelf())).unwrap();
    drop(stage.ask(true));
    tokio::time::advance(Duration::from_secs(1)).await;
    stage.refreshing().await.grant(2);
    stage.next().await.store(Ok(()));
    tokio::time::sleep(HOUR * 2).await;
    assert_eq!(
        *world.ready.lock().unwrap(),
        [false, false],
        "at-2, and its end"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_lies_ready_when_something_is_due() {
    let stage = Stage::with_an_answer_ready().await;
    // The renewal is due by then, and the driver has not been woken.
    let now = BootTime(stage.started.elapsed()).after(HOUR * 9 / 10);
    let shelf = stage.commands.shelf();
    assert!(shelf.hand_out(Duration::ZERO, now, |_, _| ()).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_never_of_another_configuration() {
    let mut stage = Stage::with_an_answer_ready().await;
    stage.change("second");
    tokio::task::yield_now().await;
    assert_eq!(stage.token_at_once(), None);
    assert_eq!(answered(stage.ask(false)).await, "at-1");
    assert!(stage.token_at_once().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_ends_leaves_nothing() {
    let mut stage = Stage::with_an_answer_ready().await;
    stage.close();
    tokio::task::yield_now().await;
    assert_eq!(stage.token_at_once(), None);
}

#[tokio::test(start_paused = true)]
async fn a_driver_that_is_cut_off_leaves_nothing() {
    let stage = Stage::with_an_answer_ready().await;
    stage.running.abort();
    tokio::task::yield_now().await;
    assert_eq!(stage.token_at_once(), None);
}
