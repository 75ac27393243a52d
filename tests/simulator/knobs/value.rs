//! What a knob's value may look like, and how it is read and shown.

use crate::simulator::domain::registry;

/// The longest time a knob takes: ten years, far beyond any lifetime a domain
/// can be set to, and far from where arithmetic on timestamps would overflow.
pub const SECONDS_MAX: i64 = 315_360_000;

/// The most bytes an access token can be asked to have; more would only test
/// the simulator's patience.
pub const SIZE_MAX: usize = 1_000_000;

/// A value that can be read from, and shown as, the text of `NAME=VALUE`.
pub(crate) trait KnobValue: Sized {
    /// Reads the value; `None` when it is not one of [`expected`](Self::expected).
    fn parse(text: &str) -> Option<Self>;
    /// The values there are, for help and for refusals.
    fn expected() -> String;
    /// The value as it would be written in `NAME=VALUE`.
    fn show(&self) -> String;
}

/// A whole number of seconds, 0 to [`SECONDS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub i64);

impl KnobValue for Seconds {
    fn parse(text: &str) -> Option<Self> {
        let seconds = text.parse().ok()?;
        (0..=SECONDS_MAX)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    fn expected() -> String {
        "a number of seconds".into()
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// Something that is left out unless it is given.
impl<T: KnobValue> KnobValue for Option<T> {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "absent" => Some(None),
            _ => T::parse(text).map(Some),
        }
    }

    fn expected() -> String {
        format!("absent or {}", T::expected())
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "absent".into(), T::show)
    }
}

impl KnobValue for bool {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn expected() -> String {
        "true or false".into()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl KnobValue for usize {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|size| *size <= SIZE_MAX)
    }

    fn expected() -> String {
        format!("a number of bytes up to {SIZE_MAX}")
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Text that stays on one line: it goes into JSON, claims and headers.
impl KnobValue for String {
    fn parse(text: &str) -> Option<Self> {
        let plain = !text.is_empty() && !text.chars().any(char::is_control);
        plain.then(|| text.to_owned())
    }

    fn expected() -> String {
        "text".into()
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// The statuses seen or plausible where the documents name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorStatus(pub u16);

impl KnobValue for ErrorStatus {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "400" => Some(Self(400)),
            "401" => Some(Self(401)),
            "403" => Some(Self(403)),
            _ => None,
        }
    }

    fn expected() -> String {
        "400, 401 or 403".into()
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// The name of a user there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserName(pub &'static str);

impl KnobValue for UserName {
    fn parse(text: &str) -> Option<Self> {
        registry::user(text).map(|user| Self(user.name))
    }

    fn expected() -> String {
        registry::user_names().join(" or ")
    }

    fn show(&self) -> String {
        self.0.into()
    }
}

/// Declares an enum whose variants are the words a knob takes.
macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $crate::simulator::knobs::value::KnobValue for $name {
            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            fn expected() -> String {
                [$($word),+].join(" or ")
            }

            fn show(&self) -> String {
                match self {
                    $(Self::$variant => $word.into(),)+
                }
            }
        }
    };
}
pub(crate) use choice;
