//! Names of things: slugs that people chose, and the ids that we or a provider made.
//!
//! Deliberately not here: making a call's id from a provider's SID (`providers`), which needs a digest.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

macro_rules! slug {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text of it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }
        impl From<Cow<'_, str>> for $name {
            fn from(text: Cow<'_, str>) -> Self {
                Self(Arc::from(text))
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

slug! {
    /// A customer of the platform.
    TenantId;
    /// One account at one provider; unique in the installation, and part of its webhooks' addresses.
    AccountId;
    /// An office of a tenant.
    LocationId;
    /// A back-office line of a location.
    LineId;
    /// A technician of a tenant.
    TechnicianId;
    /// A customer contact of a tenant.
    CustomerId;
    /// A job.
    WorkOrderId;
    /// A masking session.
    SessionId;
}

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// Reads the 32 hexadecimal digits that [`fmt::Display`] writes; `None` for anything else.
            pub fn read(text: &str) -> Option<Self> {
                let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                (text.len() == 32 && text.bytes().all(lower_hex))
                    .then(|| u128::from_str_radix(text, 16).ok().map(Self))
                    .flatten()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

opaque! {
    /// One call through a masking number, made from the account and the provider's SID of the caller's leg, so that
    /// every process and every repeat of a request gives it the same name. 32 hexadecimal digits in URLs.
    CallId;
    /// One text through a masking number, made likewise.
    MessageId;
}
