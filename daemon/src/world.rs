//! Where the core's actions become deeds: each one goes to the endpoint or to
//! the disk, and comes back as the one event that answers it.

use std::future::Future;
use std::sync::Arc;

use oic_proto::message::{Finding, Keeping, LastError, ProfileView};
use oic_proto::secret::AccessToken;

use crate::alarms::{Alarms, SharedAlarm};
use crate::board::Board;
use crate::clock::{self, Alarm};
use crate::config::ProfileConfig;
use crate::endpoint::Endpoint;
use crate::examination;
use crate::heap;
use crate::hooks::Hooks;
use crate::lifecycle::{Action, Event, Notice, Now, StoredSession};
use crate::oauth::{self, EndpointError};
use crate::seat::Seat;
use crate::sink::Sink;
use crate::store::{self, Loaded, Store};

/// What a profile's driver needs of the outside; tests put a simulated one in
/// its place.
pub trait World: Send + Sync + 'static {
    /// What wakes the driver.
    type Alarm: Alarm;

    /// What time it is.
    fn now(&self) -> Now;

    /// An alarm that is not set.
    fn alarm(&self) -> Self::Alarm;

    /// Returns when what the disk holds can be read. Until then nobody knows
    /// who is signed in. Safe to cancel.
    fn unlocked(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// What the disk held at start, as the event that tells the core. Takes as
    /// long as the disk does.
    fn restore(&self) -> impl Future<Output = Event> + Send;

    /// Does `action` and says how it went. A request is bounded in time; a
    /// write takes as long as the disk does.
    fn perform(&self, action: Action) -> impl Future<Output = Event> + Send;

    /// Looks whether a user could sign in; 30 s at most. A simulated server has
    /// nothing to look into.
    fn examine(&self) -> impl Future<Output = Vec<Finding>> + Send {
        std::future::ready(Vec::new())
    }

    /// Another access token is served from now on, or none.
    fn serve(&self, _access_token: Option<&AccessToken>) {}

    /// Something that users should hear without asking.
    fn tell(&self, _notice: &Notice, _view: &ProfileView) {}

    /// Nothing of this profile is under way any more.
    fn at_rest(&self) {}

    /// Where a session is that is to be on no disk.
    fn keeping(&self) -> Keeping {
        Keeping::Memory
    }

    /// What is wrong outside that the core knows nothing of.
    fn trouble(&self) -> Option<LastError> {
        None
    }
}

/// The authorization server and the disk of one profile.
pub struct Outside {
    /// The profile.
    pub profile: Arc<ProfileConfig>,
    /// Where requests go.
    pub endpoint: Arc<Endpoint>,
    /// Where the session is kept.
    pub store: Arc<Store>,
    /// The right to that session; taken before it is read.
    pub seat: Arc<Seat>,
    /// The file that has the access token, if one is wanted.
    pub sink: Arc<Sink>,
    /// What wakes all profiles.
    pub alarms: Arc<Alarms>,
    /// Where all profiles stand.
    pub board: Arc<Board>,
    /// Programs that are to be told.
    pub hooks: Arc<Hooks>,
}

impl World for Outside {
    type Alarm = SharedAlarm;

    fn now(&self) -> Now {
        clock::now()
    }

    fn alarm(&self) -> SharedAlarm {
        self.alarms.alarm()
    }

    /// A session that is kept in memory needs no key, unless the service manager
    /// has kept one.
    async fn unlocked(&self) {
        if !self.profile.memory_only || self.store.has_kept(&self.profile.name) {
            self.store.unlocked().await;
        }
    }

    async fn restore(&self) -> Event {
        self.seat.take().await;
        let memory_only = self.profile.memory_only;
        let read = if memory_only {
            Store::take_over
        } else {
            Store::load
        };
        let loaded = self.on_disk(read).await;
        match loaded {
            Ok(None) => Event::NothingStored,
            Ok(Some(loaded)) => restored(loaded),
            Err(why) => Event::Unreadable(why),
        }
    }

    async fn perform(&self, action: Action) -> Event {
        match action {
            Action::AuthorizeDevice { request } => Event::DeviceAuthorized {
                request,
                answer: self.authorize_device().await,
            },
            Action::PollToken {
                request,
                device_code,
            } => Event::TokenAnswered {
                request,
                answer: self
                    .request_token(oauth::poll_token(&self.profile, &device_code))
                    .await,
            },
            Action::RefreshToken {
                request,
                refresh_token,
            } => Event::TokenAnswered {
                request,
                answer: self
                    .request_token(oauth::refresh_token(&self.profile, &refresh_token))
                    .await,
            },
            Action::RevokeToken {
                request,
                refresh_token,
            } => Event::Revoked {
                request,
                answer: self
                    .revoke(oauth::revoke_token(&self.profile, &refresh_token))
                    .await,
            },
            Action::Store {
                generation,
                session,
            } => Event::Stored {
                generation,
                result: self.store(session).await,
            },
        }
    }

    async fn examine(&self) -> Vec<Finding> {
        examination::of_server(&self.profile, &self.endpoint).await
    }

    fn serve(&self, access_token: Option<&AccessToken>) {
        self.sink.show(access_token);
    }

    fn tell(&self, notice: &Notice, view: &ProfileView) {
        if let Notice::Stands { now, .. } = notice {
            self.board.set(&view.name, *now);
        }
        self.hooks.tell(notice, view);
    }

    fn at_rest(&self) {
        heap::give_back_soon();
    }

    fn keeping(&self) -> Keeping {
        self.store.keeping()
    }

    fn trouble(&self) -> Option<LastError> {
        self.sink.trouble()
    }
}

impl Outside {
    async fn authorize_device(&self) -> Result<oauth::DeviceAuthorization, EndpointError> {
        let profile = &self.profile;
        let url = &profile.endpoints.device_authorization;
        let client = profile
            .authenticate_device_authorization
            .then_some(&profile.client);
        let form = oauth::authorize_device(profile);
        let answer = self.endpoint.post(url, client, form).await;
        oauth::device_authorization(profile, answer)
    }

    async fn request_token(&self, form: oauth::Form) -> Result<oauth::TokenGrant, EndpointError> {
        let profile = &self.profile;
        let url = &profile.endpoints.token;
        let secrets = form.secrets();
        let answer = self.endpoint.post(url, Some(&profile.client), form).await;
        oauth::token_grant(answer).map_err(|error| error.without(&secrets))
    }

    async fn revoke(&self, form: oauth::Form) -> Result<(), EndpointError> {
        let profile = &self.profile;
        let Some(url) = &profile.endpoints.revocation else {
            // The core knows that there is none and does not ask.
            return Err(EndpointError::NotSent(
                "no revocation endpoint is configured".to_owned(),
            ));
        };
        let secrets = form.secrets();
        let answer = self.endpoint.post(url, Some(&profile.client), form).await;
        oauth::revocation(answer).map_err(|error| error.without(&secrets))
    }

    /// A session that is kept in memory is in the core, and that is enough, with
    /// what the service manager keeps; what the disk held of it before the
    /// configuration said so goes.
    async fn store(&self, session: Option<StoredSession>) -> Result<(), String> {
        let memory_only = self.profile.memory_only;
        self.on_disk(move |store, profile| {
            let Some(session) = session else {
                return store.forget(profile);
            };
            // First: the disk may hang, or fail.
            store.keep(profile, &session);
            match memory_only {
                true => store.keep_off(profile),
                false => store.save(profile, &session),
            }
        })
        .await
    }

    /// Does what waits for the disk where nobody waits for it.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &str) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, String> {
        let (store, profile) = (Arc::clone(&self.store), Arc::clone(&self.profile));
        // Nothing stops it: the seat is kept until it is done.
        let seat = Arc::clone(&self.seat);
        let work = move || {
            let done = work(&store, &profile.name);
            drop(seat);
            done
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(panic) => Err(format!("the write was cut off: {panic}")),
        }
    }
}

fn restored(loaded: Loaded) -> Event {
    let Loaded {
        session, copied, ..
    } = loaded;
    match copied {
        None => Event::Restored(session),
        Some(copied) => Event::RestoredCopy {
            session,
            why: copied.to_string(),
        },
    }
}
