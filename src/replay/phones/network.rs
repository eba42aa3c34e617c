//! The network as a machine: what happens next, and what our answers make of it.

use crate::domain::Moment;

use super::log::Happening;
use super::script::Script;

/// A request that the provider makes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Counted from 0.
    pub no: usize,
    /// In which call or text.
    pub thread: usize,
    /// When it reaches us.
    pub at: Moment,
    /// Our id of the account whose secret signs it.
    pub account: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The absolute address.
    pub url: String,
    /// Parameters: the form of a POST, appended to the query of a GET.
    pub params: Vec<(String, String)>,
    /// Which earlier request this repeats, byte for byte.
    pub repeats: Option<usize>,
}

/// A reply to a request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its content type, where it has one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A phone network.
#[derive(Debug)]
pub struct Network {
    log: Vec<Happening>,
}

impl Network {
    /// One in which nothing has happened yet.
    pub fn new(script: Script) -> Self {
        let _ = script;
        Self { log: Vec::new() }
    }

    /// Lets time pass to the next request; `None` when nothing more will happen. The reply must be handed to
    /// [`Self::answer`] before the next one is asked for.
    pub fn next(&mut self) -> Option<Ask> {
        None
    }

    /// When the next thing happens, without letting it happen; `None` when nothing more will.
    pub fn due(&self) -> Option<Moment> {
        None
    }

    /// The reply to the request that [`Self::next`] gave last.
    pub fn answer(&mut self, reply: &Reply) {
        let _ = reply;
    }

    /// Adds somebody who begins something while it runs: for a demo without an end.
    pub fn join(&mut self, party: super::script::Party) {
        let _ = party;
    }

    /// What happened so far, in order.
    pub fn log(&self) -> &[Happening] {
        &self.log
    }
}
