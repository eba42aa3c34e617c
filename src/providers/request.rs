//! A webhook before and after its signature was checked, and the ways in which it can be no good.
//!
//! Deliberately not here: the check itself (`providers::signature`).

use crate::domain::settings::words;
use crate::domain::{AccountId, CallId};
use crate::voice::{Link, Misaddressed};

use super::form::Form;

/// A request as it came in, byte for byte.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// Path and query, as on the wire.
    pub target: &'a str,
    /// Names, in any letter case, and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The query, without its question mark.
    pub fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Whether its parameters are in the query.
    pub fn is_get(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// Whether the body is a form; one without a type is taken for one.
    pub fn is_form(&self) -> bool {
        self.header("content-type").is_none_or(|kind| {
            let kind = kind.split_once(';').map_or(kind, |(kind, _)| kind);
            kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
    }
}

impl std::fmt::Debug for Request<'_> {
    /// Method and sizes only: targets and bodies hold numbers and words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("body", &self.body.len()).finish_non_exhaustive()
    }
}

words! {
    /// Why a request is not the provider's.
    Refused {
        /// The account has no secret to check with.
        NoSecret = "no_secret",
        /// It carries no signature.
        Unsigned = "signature_missing",
        /// Its signature is not that of this address and these parameters.
        Wrong = "signature_wrong",
        /// Its body is not the one whose hash was signed, or is no form and no hash was signed.
        Body = "body_not_signed",
        /// A parameter has no `=`; no provider writes that, and the scheme could not tell its name from a value.
        Ragged = "form_ragged",
    }
}

impl std::error::Error for Refused {}

/// How far a request is to be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// It carries the provider's signature.
    Signed,
    /// It would have been refused; the account only observes.
    Observed(Refused),
    /// Nothing was checked: a sandbox.
    Unchecked,
}

/// A request that may be read.
#[derive(Debug)]
pub struct Verified<'a> {
    request: Request<'a>,
    account: AccountId,
    form: Form,
    proof: Proof,
}

impl<'a> Verified<'a> {
    /// Made by a dialect, once it has checked.
    pub(super) fn new(request: Request<'a>, account: AccountId, form: Form, proof: Proof) -> Self {
        Self { request, account, form, proof }
    }

    /// The request.
    pub fn request(&self) -> &Request<'a> {
        &self.request
    }

    /// The account it was checked for.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The provider's parameters.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// How far it is to be believed.
    pub fn proof(&self) -> Proof {
        self.proof
    }
}

/// A request that is no event. It is answered all the same: where its address wants a document, with an apology.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what}")]
pub struct Unreadable {
    /// The address that was asked, where it is one of ours.
    pub link: Option<Link>,
    /// The call, where one can be told.
    pub call: Option<CallId>,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum What {
    /// Its address.
    #[error(transparent)]
    Address(#[from] Misaddressed),
    /// A parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A parameter is there more than once.
    #[error("{0} is repeated")]
    Repeated(&'static str),
    /// A parameter has a value that means nothing.
    #[error("{0} has a value that means nothing here")]
    Malformed(&'static str),
}

impl What {
    /// The word that it is counted by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address(_) => "address_unknown",
            Self::Missing(_) => "parameter_missing",
            Self::Repeated(_) => "parameter_repeated",
            Self::Malformed(_) => "parameter_malformed",
        }
    }
}
