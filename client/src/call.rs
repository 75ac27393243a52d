//! One exchange with the daemon: a request, then answers until a deadline.

mod server;
mod transport;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::message::Refusal;
use oic_proto::{Request, Response};

use crate::failure::Failure;
use crate::{clock, place};
pub use server::{User, remedy};
use transport::Stream;

/// Most bytes that the answers to one request may have together: room for
/// 100,000 profiles, and an end to a peer that never ends.
const ANSWERS_LEN_MAX: usize = 64 * 1024 * 1024;

/// How much of the answers is read at a time: most access tokens, with what
/// comes with them, in one go.
const ROOM: usize = 4 * 1024;

/// How long to leave a daemon alone that has more callers than its socket
/// queues (4096 on Linux).
const QUEUE_PAUSE: Duration = Duration::from_millis(10);

/// The daemon, as far as a caller knows it: where it may be.
#[derive(Clone, Debug)]
pub struct Daemon {
    places: Vec<PathBuf>,
}

impl Daemon {
    /// The daemon that listens at the first of these places that anything
    /// listens at.
    pub const fn at(places: Vec<PathBuf>) -> Self {
        Self { places }
    }

    /// Where it may be, in the order in which it is looked for.
    pub fn places(&self) -> &[PathBuf] {
        &self.places
    }

    /// The only place where it may be: the one that was named. On Windows there is
    /// only one anyhow, which the daemon knows as well.
    pub fn only_place(&self) -> Option<&Path> {
        match self.places.as_slice() {
            [place] if !place::IS_SINGLE => Some(place),
            _ => None,
        }
    }

    /// Connects and sends `request`.
    ///
    /// # Errors
    ///
    /// [`Failure::NoDaemon`] where nothing listens at any place, else what
    /// went wrong at the first place where something is.
    pub fn call(&self, request: &Request, deadline: Instant) -> Result<Call, Failure> {
        let begun = clock::now();
        let request = frame::encode(request).map_err(Failure::Unsendable)?;
        for place in &self.places {
            match send(place, &request, deadline) {
                Ok(stream) => return Ok(Call::new(stream, place.clone(), begun)),
                Err(Unsent::Stranger(user)) => {
                    let place = place.clone();
                    return Err(Failure::Stranger { place, user });
                }
                Err(Unsent::Io(error)) if is_absent(&error) => {}
                Err(Unsent::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                    return Err(silent(place, begun));
                }
                Err(Unsent::Io(error)) => {
                    let place = place.clone();
                    return Err(Failure::Unreachable { place, error });
                }
            }
        }
        Err(Failure::NoDaemon {
            tried: self.places.clone(),
        })
    }
}

/// Runs `exchange`, which may be run any number of times; once more where the
/// daemon went away before it had answered: it may just be restarting, and the
/// next one has the same socket.
///
/// # Errors
///
/// As `exchange`.
pub fn repeatable<T>(exchange: impl Fn() -> Result<T, Failure>) -> Result<T, Failure> {
    let first = match exchange() {
        Err(failure) if is_end_of_daemon(&failure) => failure,
        other => return other,
    };
    match exchange() {
        // It said so itself: no restart that keeps the socket, but an end.
        Err(Failure::NoDaemon { .. }) if matches!(first, Failure::Refused(_)) => Err(first),
        other => other,
    }
}

/// A daemon of another user that ends looks like one that turns us away.
const fn is_end_of_daemon(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Refused(Refusal::ShuttingDown)
            | Failure::HungUp { .. }
            | Failure::TurnedAway { .. }
    )
}

/// A request that was sent, and the answers to it.
#[derive(Debug)]
pub struct Call {
    stream: Stream,
    place: PathBuf,
    begun: Instant,
    /// How many bytes all answers have so far, by their headers.
    announced: usize,
    /// What has come and was not looked at yet, of one frame or several, and
    /// behind it what room there is. The allocator wipes it.
    room: Vec<u8>,
    filled: usize,
}

impl Call {
    fn new(stream: Stream, place: PathBuf, begun: Instant) -> Self {
        Self {
            stream,
            place,
            begun,
            announced: 0,
            room: vec![0; ROOM],
            filled: 0,
        }
    }

    /// The next answer.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] where the answer is a refusal, [`Failure::Silent`]
    /// where there is none by `deadline`, and whatever went wrong.
    pub fn answer(&mut self, deadline: Instant) -> Result<Response, Failure> {
        match self.answer_until(deadline)? {
            Some(response) => Ok(response),
            None => Err(self.silence()),
        }
    }

    /// The next answer, or `None` where it is not complete at `time`; what has
    /// come of it is kept.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer), without the silence.
    pub fn answer_until(&mut self, time: Instant) -> Result<Option<Response>, Failure> {
        if !self.fill(HEADER_LEN, time)? {
            return Ok(None);
        }
        let end = HEADER_LEN + self.body_len()?;
        if !self.fill(end, time)? {
            return Ok(None);
        }
        let response = frame::decode(&self.room[HEADER_LEN..end]);
        self.announced += end;
        self.room.copy_within(end..self.filled, 0);
        self.filled -= end;
        match response {
            Ok(Response::Refused(refusal)) => Err(Failure::Refused(refusal)),
            Ok(response) => Ok(Some(response)),
            Err(error) => Err(self.wrong(error)),
        }
    }

    /// Where the daemon listens that was asked.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// The daemon has not answered.
    pub fn silence(&self) -> Failure {
        silent(&self.place, self.begun)
    }

    /// The daemon answered something else than it was asked.
    pub fn beside_the_point(&self) -> Failure {
        self.wrong(frame::Error::Garbled)
    }

    /// How long the body is whose header has come.
    fn body_len(&self) -> Result<usize, Failure> {
        let header = self.room[..HEADER_LEN].try_into();
        let header = header.expect("that many bytes are a header");
        let len = frame::body_len::<Response>(header).map_err(|error| self.wrong(error))?;
        let all = self.announced + HEADER_LEN + len;
        if all > ANSWERS_LEN_MAX {
            return Err(self.wrong(frame::Error::TooLong {
                len: all,
                max: ANSWERS_LEN_MAX,
            }));
        }
        Ok(len)
    }

    /// Whether `wanted` bytes have come by `time`; there may be more.
    fn fill(&mut self, wanted: usize, time: Instant) -> Result<bool, Failure> {
        if self.room.len() < wanted {
            self.room.resize(wanted, 0);
        }
        while self.filled < wanted {
            let left = clock::left_until(time);
            if left.is_zero() {
                return Ok(false);
            }
            match transport::read_within(&self.stream, &mut self.room[self.filled..], left) {
                Ok(0) => return Err(self.hung_up()),
                Ok(read) => self.filled += read,
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock
                    | io::ErrorKind::TimedOut
                    | io::ErrorKind::Interrupted => {}
                    io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                        return Err(self.hung_up());
                    }
                    _ => {
                        let place = self.place.clone();
                        return Err(Failure::Unreachable { place, error });
                    }
                },
            }
        }
        Ok(true)
    }

    /// A daemon of another user hangs up on us at once and without a word.
    fn hung_up(&self) -> Failure {
        let place = self.place.clone();
        let untouched = self.announced == 0 && self.filled == 0;
        match server::another_user(&self.stream, &self.place) {
            Some(user) if untouched => Failure::TurnedAway { place, user },
            _ => Failure::HungUp { place },
        }
    }

    fn wrong(&self, error: frame::Error) -> Failure {
        let place = self.place.clone();
        Failure::Wrong { place, error }
    }
}

fn silent(place: &Path, begun: Instant) -> Failure {
    Failure::Silent {
        place: place.to_owned(),
        waited: clock::since(begun),
    }
}

/// Why a request was not sent.
enum Unsent {
    /// The system does not let us.
    Io(io::Error),
    /// Who listens is nobody that we take tokens from.
    Stranger(User),
}

impl From<io::Error> for Unsent {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Connects, looks who is there, and writes the request. It is far smaller
/// than any socket's buffer, so writing it does not wait.
fn send(place: &Path, request: &[u8], deadline: Instant) -> Result<Stream, Unsent> {
    loop {
        let sent = transport::connect(place, deadline)
            .map_err(Unsent::from)
            .and_then(|stream| {
                server::check(&stream, place)?;
                match (&stream).write_all(request) {
                    // A daemon that hangs up without listening may have said
                    // why, which can still be read.
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
                    _ => Ok(stream),
                }
            });
        match sent {
            Err(Unsent::Io(error)) if transport::is_queue_full(&error) => {
                if clock::left_until(deadline).is_zero() {
                    return Err(io::Error::from(io::ErrorKind::TimedOut).into());
                }
                std::thread::sleep(QUEUE_PAUSE);
            }
            other => return other,
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    )
}
