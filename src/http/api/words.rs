//! Words of the domain as the description tells them: a text that is one of these.
//!
//! Deliberately not here: the words themselves (`domain` has them).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{
    AccountKind, Brand, Channel, NoMatchAction, OverrideState, Ownership, Ring, Route, SignatureMode, WhenCaller,
};
use crate::rules::hours::{HoursSource, HoursWord};
use crate::rules::when::MATCH_WORDS;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $type:ty;)*) => {$(
        $(#[$doc])*
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of(<$type>::ALL.iter().map(|word| word.word()))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )*};
}

words! {
    /// Where a customer's call or text goes.
    RouteWord = Route;
    /// How several lines ring.
    RingWord = Ring;
    /// What an override says.
    OverrideWord = OverrideState;
    /// Whether a place is in hours, and of what kind that is.
    HoursStateWord = HoursWord;
    /// What decided the state.
    HoursSourceWord = HoursSource;
    /// Whose language an account speaks.
    AccountKindWord = AccountKind;
    /// What becomes of wrong signatures.
    SignatureWord = SignatureMode;
    /// Whose account it is.
    OwnershipWord = Ownership;
    /// Where a tenant's 10DLC brand stands.
    BrandWord = Brand;
    /// A way of reaching somebody.
    ChannelWord = Channel;
    /// Who a rule is about.
    WhenCallerWord = WhenCaller;
}

/// Texts that are one of some words.
fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

/// How a session was found.
pub enum MatchWord {}

impl PartialSchema for MatchWord {
    fn schema() -> RefOr<Schema> {
        one_of(MATCH_WORDS)
    }
}

impl ToSchema for MatchWord {}

/// Where a rule sends: a route, or what is done when there is no session.
#[derive(Serialize, Deserialize)]
pub struct RuleWord(pub String);

impl PartialSchema for RuleWord {
    fn schema() -> RefOr<Schema> {
        let routes: Vec<&str> = Route::ALL.iter().map(|route| route.word()).collect();
        let actions = NoMatchAction::ALL.iter().map(|action| action.word()).filter(|word| !routes.contains(word));
        one_of(routes.iter().copied().chain(actions))
    }
}

impl ToSchema for RuleWord {}
