//! The key in the desktop's Secret Service: the key alone, since tokens outgrow
//! keychains. Compiled with the feature `secret-service`.
//!
//! By the Secret Service API of freedesktop.org, over the session bus. What is
//! locked there stays locked: a daemon does not prompt.

use std::collections::HashMap;
use std::future::Future;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oic_proto::Secret;
use serde::{Deserialize, Serialize};
use zbus::wire::DynamicType;
use zbus::{Connection, Message, ObjectPath, OwnedObjectPath, Type, Variant};
use zeroize::{Zeroize, Zeroizing};

use super::Error;
use super::key;
use super::seal::{KEY_LEN, Key};

/// How long the service may take for everything. Where it is not running the
/// bus starts it, and nobody has to type anything.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keys of ours that are looked at: each source that was left behind may have
/// left one.
const KEYS_MAX: usize = 100;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";

/// What marks the items that are ours.
const OURS: (&str, &str) = ("application", "oic-tokend");

/// What people read in the desktop's list of secrets.
const LABEL: &str = "key of the stored sessions of oic-tokend";

/// Why the service gives no key.
#[derive(Debug)]
enum Failed {
    Locked,
    NoCollection,
    Bus(zbus::Error),
    Keys(Error),
}

impl<E: Into<zbus::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Bus(error.into())
    }
}

/// A secret as it crosses the bus, unencrypted: whoever may watch that bus may
/// ask for the secret too.
#[derive(Serialize, Deserialize, Type)]
struct Transferred {
    session: OwnedObjectPath,
    parameters: Vec<u8>,
    value: Vec<u8>,
    content_type: String,
}

impl Drop for Transferred {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// The key there; made where there is none.
pub(super) fn key_or_new() -> Result<Key, Error> {
    within_time(async {
        let service = Service::open().await?;
        match service.keys().await?.into_iter().next() {
            Some(key) => Ok(key),
            None => service.create(key::generate().map_err(Failed::Keys)?).await,
        }
    })
}

/// All keys there that are ours.
pub(super) fn keys() -> Result<Vec<Key>, Error> {
    within_time(async { Service::open().await?.keys().await })
}

/// Runs at the start, in a thread of its own: the daemon's has a runtime already,
/// which another cannot run in.
fn within_time<T: Send>(
    asking: impl Future<Output = Result<T, Failed>> + Send,
) -> Result<T, Error> {
    let asked = thread::scope(|scope| scope.spawn(|| in_a_runtime(asking)).join());
    asked.unwrap_or_else(|_| Err(refused("it cannot be asked".to_owned())))
}

fn in_a_runtime<T>(asking: impl Future<Output = Result<T, Failed>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| refused(error.to_string()))?;
    let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, asking).await });
    // A bus that hangs has been waited for long enough.
    runtime.shutdown_background();
    match asked {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Failed::Keys(error))) => Err(error),
        Ok(Err(Failed::Locked)) => Err(refused("it is locked".to_owned())),
        Ok(Err(Failed::NoCollection)) => Err(refused("it has no default collection".to_owned())),
        Ok(Err(Failed::Bus(error))) => Err(refused(error.to_string())),
        Err(_) => Err(refused(format!("no answer in {} s", PATIENCE.as_secs()))),
    }
}

fn refused(why: String) -> Error {
    Error::SecretService(why)
}

/// A conversation with the service.
struct Service {
    connection: Connection,
    session: OwnedObjectPath,
}

impl Service {
    async fn open() -> Result<Self, Failed> {
        let connection = Connection::session().await?;
        let root = ObjectPath::try_from(ROOT)?;
        let plain = &("plain", Variant::from(""));
        let opened = call(&connection, &root, "Service", "OpenSession", plain).await?;
        let body = opened.body();
        let (_, session): (Variant<'_>, OwnedObjectPath) = body.deserialize()?;
        Ok(Self {
            connection,
            session,
        })
    }

    async fn keys(&self) -> Result<Vec<Key>, Failed> {
        let root = ObjectPath::try_from(ROOT)?;
        let ours = &(HashMap::from([OURS]),);
        let found = call(&self.connection, &root, "Service", "SearchItems", ours).await?;
        let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            found.body().deserialize()?;
        if open.is_empty() && !locked.is_empty() {
            return Err(Failed::Locked);
        }
        let mut keys = Vec::new();
        for item in open.iter().take(KEYS_MAX) {
            // Somebody else may have put something there.
            keys.extend(self.key(item).await?);
        }
        Ok(keys)
    }

    async fn key(&self, item: &OwnedObjectPath) -> Result<Option<Key>, Failed> {
        let session = &(&self.session,);
        let got = call(&self.connection, item, "Item", "GetSecret", session).await?;
        let (secret,): (Transferred,) = got.body().deserialize()?;
        let bytes = Zeroizing::new(STANDARD.decode(&secret.value).unwrap_or_default());
        let bytes = <[u8; KEY_LEN]>::try_from(bytes.as_slice()).ok();
        Ok(bytes.map(|bytes| Key::new(Secret::new(bytes))))
    }

    async fn create(&self, key: Key) -> Result<Key, Failed> {
        let collection = self.default_collection().await?;
        let attributes = HashMap::from([OURS, ("key", key.id())]);
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Variant::from(LABEL)),
            (
                "org.freedesktop.Secret.Item.Attributes",
                Variant::from(attributes),
            ),
        ]);
        // As text: some services keep secrets as nothing else.
        let secret = Transferred {
            session: self.session.clone(),
            parameters: Vec::new(),
            value: STANDARD.encode(key.bytes().expose()).into_bytes(),
            content_type: "text/plain".to_owned(),
        };
        let item = &(properties, secret, false);
        let created = call(
            &self.connection,
            &collection,
            "Collection",
            "CreateItem",
            item,
        )
        .await?;
        let (item, _prompt): (OwnedObjectPath, OwnedObjectPath) = created.body().deserialize()?;
        if is_nothing(&item) {
            return Err(Failed::Locked);
        }
        Ok(key)
    }

    async fn default_collection(&self) -> Result<OwnedObjectPath, Failed> {
        let root = ObjectPath::try_from(ROOT)?;
        let alias = &("default",);
        let named = call(&self.connection, &root, "Service", "ReadAlias", alias).await?;
        let collection: OwnedObjectPath = named.body().deserialize()?;
        if is_nothing(&collection) {
            return Err(Failed::NoCollection);
        }
        Ok(collection)
    }
}

/// The path that the API gives where there is nothing.
fn is_nothing(path: &OwnedObjectPath) -> bool {
    path.as_str() == "/"
}

async fn call<B: Serialize + DynamicType>(
    connection: &Connection,
    path: &ObjectPath<'_>,
    interface: &str,
    method: &str,
    body: &B,
) -> Result<Message, Failed> {
    let interface = format!("org.freedesktop.Secret.{interface}");
    let called = connection
        .call_method(Some(SERVICE), path, Some(interface.as_str()), method, body)
        .await;
    match called {
        Err(zbus::Error::MethodError(name, ..)) if name.ends_with(".IsLocked") => {
            Err(Failed::Locked)
        }
        called => Ok(called?),
    }
}
