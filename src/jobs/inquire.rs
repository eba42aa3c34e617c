//! Asking another server something: one GET, with bounds on its time and length, and no redirect followed.
//!
//! Deliberately not here: what is asked, and what the answer means.

use std::time::Duration;

use reqwest::{Client, redirect};

use crate::domain::Account;
use crate::providers::rented::{NotAsked, Page, Rented, first_page};
use crate::rules::ruleset::Secret;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read: a thousand numbers are some 2 MB.
const LONGEST: usize = 8 * 1024 * 1024;

/// Most pages of numbers that are asked for.
const PAGES: usize = 20;

/// Who asks, as the other side wants to know it.
#[derive(Clone, Copy, Debug)]
pub enum As<'a> {
    /// Anybody.
    Anybody,
    /// Somebody with a user name and a password.
    User(&'a str, &'a Secret),
    /// Whoever has this key.
    Key(&'a Secret),
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Got {
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// Why there is no answer. Nothing of it names the address that was asked, which may hold an account's id.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The account is not asked about.
    #[error("{0}")]
    NotAsked(#[from] NotAsked),
    /// It has no secret to ask with.
    #[error("it has no auth token")]
    NoToken,
    /// Nobody answered, or not in time.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// The provider does not know these credentials.
    #[error("the provider refuses its credentials ({0})")]
    Credentials(u16),
    /// Another status than was hoped for.
    #[error("the provider answered {0}")]
    Status(u16),
    /// An answer that is none.
    #[error("the provider's answer cannot be read")]
    Garbage,
}

/// Asks.
#[derive(Clone, Debug)]
pub struct Inquirer(Client);

impl Inquirer {
    /// One that asks. The process must have installed a TLS provider before.
    pub fn new() -> Result<Self, reqwest::Error> {
        Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE).build().map(Self)
    }

    /// One GET.
    pub async fn get(&self, url: &str, who: As<'_>) -> Result<Got, NoAnswer> {
        let request = self.0.get(url);
        let request = match who {
            As::Anybody => request,
            As::User(name, password) => request.basic_auth(name, Some(password.expose())),
            As::Key(key) => request.bearer_auth(key.expose()),
        };
        let unreachable = |error: reqwest::Error| NoAnswer::Unreachable(told(&error));
        let mut reply = request.send().await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(piece) = reply.chunk().await.map_err(unreachable)? {
            if body.len() + piece.len() > LONGEST {
                return Err(NoAnswer::Garbage);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Got { status: reply.status().as_u16(), body })
    }

    /// Every number that an account rents, as its provider has it. Nothing is changed there.
    pub async fn rented(&self, account: &Account, token: Option<&Secret>) -> Result<Vec<Rented>, NoAnswer> {
        let mut url = first_page(account)?;
        let token = token.filter(|token| !token.is_empty()).ok_or(NoAnswer::NoToken)?;
        let mut numbers = Vec::new();
        for _ in 0..PAGES {
            let got = self.get(&url, As::User(&account.account_sid, token)).await?;
            match got.status {
                200 => {}
                status @ (401 | 403) => return Err(NoAnswer::Credentials(status)),
                status => return Err(NoAnswer::Status(status)),
            }
            let page = Page::read(&got.body).ok_or(NoAnswer::Garbage)?;
            let next = page.next(&url);
            numbers.extend(page.numbers);
            match next {
                Some(next) => url = next,
                None => break,
            }
        }
        Ok(numbers)
    }
}

/// What went wrong, without the address.
fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("it took longer than {} s", PATIENCE.as_secs());
    }
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    match error.url() {
        Some(url) => last.to_string().replace(url.as_str(), "the server"),
        None => last.to_string(),
    }
}
