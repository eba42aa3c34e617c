//! A random world as its drawer sees it, before it is written as rules files: what every check of a case goes by.
//!
//! Deliberately not here: drawing it (`draw`, `people`), and writing it (`write`).

use std::time::Duration;

use crate::domain::Moment;
use crate::replay::phones::script::Speaks;

use super::calendar::Calendar;

/// Two tenants at a time.
#[derive(Clone, Debug)]
pub struct Plan {
    /// When the case begins.
    pub start: Moment,
    /// The tenants.
    pub tenants: [Tenant; 2],
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// A word that is in every name, prompt and address of its own, and in none of the other's.
    pub word: &'static str,
    /// Its id.
    pub id: String,
    /// Whether Britain may be called too.
    pub abroad: bool,
    /// Its caps.
    pub limits: Limits,
    /// Its provider accounts.
    pub accounts: Vec<Account>,
    /// Its offices; the first is the default one.
    pub offices: Vec<Office>,
    /// Its technicians.
    pub technicians: Vec<Technician>,
    /// Its customers.
    pub customers: Vec<Customer>,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Its sessions.
    pub sessions: Vec<Session>,
    /// Who was in contact before the case begins.
    pub contacts: Vec<Contact>,
}

/// Caps; 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Calls per minute of one caller.
    pub caller_minute: u32,
    /// Calls per day of one session.
    pub session_day: u32,
    /// Calls at one time.
    pub at_once: u32,
    /// Calls per minute between one caller and one number.
    pub pair_minute: u32,
}

/// A provider account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: String,
    /// Whose language it speaks.
    pub speaks: Speaks,
    /// The provider's id of it.
    pub sid: String,
    /// Where its provider reaches us, where that is an address of its own.
    pub base: Option<String>,
}

/// An office.
#[derive(Clone, Debug)]
pub struct Office {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it is open.
    pub calendar: Calendar,
    /// Where a failed attempt goes.
    pub on_no_answer: &'static [&'static str],
    /// Seconds to ring.
    pub ring_timeout: u64,
    /// Whether several lines ring together.
    pub together: bool,
    /// Seconds that somebody waits in its queue.
    pub longest_wait: u64,
    /// Prompts of its own.
    pub prompts: Vec<(&'static str, String)>,
    /// Its masking.
    pub masking: Masking,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its rules, as they are written: what `when` holds, and where it goes.
    pub rules: Vec<(&'static str, &'static str)>,
}

/// How an office masks.
#[derive(Clone, Debug)]
pub struct Masking {
    /// Whether it does.
    pub enabled: bool,
    /// What a number means.
    pub mode: &'static str,
    /// Whether calls are masked.
    pub voice: bool,
    /// Whether texts are masked.
    pub sms: bool,
    /// Days that a released number cools.
    pub cooldown_days: i64,
    /// Days of grace after a job.
    pub grace_days: i64,
    /// Minutes of the reply window.
    pub window: u64,
    /// Whether words of texts are kept.
    pub keeps_words: bool,
    /// Whether calls are recorded.
    pub records: bool,
    /// What a caller without a session gets.
    pub no_match: &'static str,
    /// Where customers' calls go in hours.
    pub in_hours: &'static str,
    /// Where they go out of hours.
    pub out_of_hours: &'static str,
    /// Whether lines hear a whisper.
    pub whisper: bool,
    /// Whether they must press a key.
    pub accept: bool,
    /// Which.
    pub key: &'static str,
    /// In how many seconds.
    pub key_timeout: u64,
    /// The whisper's words; empty means the built-in ones.
    pub words: &'static str,
}

impl Masking {
    /// The key without which nobody is connected to a line of this office.
    pub fn required_key(&self) -> Option<&'static str> {
        (self.whisper && self.accept).then_some(self.key)
    }
}

/// A back-office line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// Its phone.
    pub phone: String,
    /// Whether it may ring.
    pub active: bool,
    /// Whether it takes texts.
    pub sms: bool,
}

/// A technician.
#[derive(Clone, Debug)]
pub struct Technician {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their phone.
    pub phone: String,
    /// Their office.
    pub office: usize,
    /// Whether they are at work.
    pub active: bool,
}

/// A customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their phones.
    pub phones: Vec<String>,
    /// Whether something of theirs is urgent.
    pub urgent: bool,
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where.
    pub office: usize,
    /// For whom.
    pub customer: usize,
    /// Whose.
    pub technician: usize,
    /// Where it stands.
    pub status: JobStatus,
}

/// Where a job stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobStatus {
    /// It is open.
    Open,
    /// It was done then.
    Completed(Moment),
    /// It was called off then.
    Canceled(Moment),
}

/// A number that we rent.
#[derive(Clone, Debug)]
pub struct Number {
    /// It.
    pub e164: String,
    /// Its account.
    pub account: usize,
    /// Its office.
    pub office: Option<usize>,
    /// Whose it is, where it is a technician's.
    pub technician: Option<usize>,
    /// Which job's, where it is one's.
    pub job: Option<usize>,
    /// Where callers without a session are sent on to.
    pub answer_url: Option<String>,
    /// Whether it was given back.
    pub state: NumberState,
}

/// Whether a number was given back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberState {
    /// It serves.
    Serves,
    /// It was released then.
    Released(Moment),
    /// It is no longer ours.
    Retired,
}

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: usize,
    /// The technician side.
    pub first: Option<String>,
    /// The customer side.
    pub second: Option<String>,
    /// What it joins, where it is more than a plain pair: technician, customer, job.
    pub work: Option<(usize, usize, Option<usize>)>,
    /// When it begins, where that is told.
    pub begins: Option<Moment>,
    /// When it ends by the clock.
    pub expires: Option<Moment>,
    /// When it was ended, and by what.
    pub ended: Option<(Moment, &'static str)>,
    /// Whether its calls are recorded, where it says so.
    pub records: Option<bool>,
    /// Seconds to ring, and seconds that a call lasts, where it says so.
    pub times: Option<(u64, u64)>,
    /// Whether both sides hear a sound first.
    pub sounds: bool,
    /// Its PINs, where it has any.
    pub pins: Option<Pins>,
    /// Whether it has a sound for strangers.
    pub greets: bool,
    /// Seconds that its phones rest, where it is a plain pair.
    pub cooloff: u64,
}

/// The PINs of a plain pair.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pins {
    /// The first party's.
    pub first: String,
    /// The second party's.
    pub second: String,
    /// Whether even its own parties' phones are asked.
    pub forced: bool,
    /// How often it may be tried again.
    pub retry: u8,
    /// Whether it has sounds of its own.
    pub sounds: bool,
}

/// Somebody was in contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// Through which number.
    pub number: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// When.
    pub at: Moment,
    /// Whether by a text.
    pub text: bool,
    /// Who: `technician`, `customer` or `backoffice`.
    pub by: &'static str,
}

impl Plan {
    /// The number, with its tenant.
    pub fn number(&self, e164: &str) -> Option<(&Tenant, &Number)> {
        let of = |tenant: &'_ Tenant| tenant.numbers.iter().position(|number| number.e164 == e164);
        self.tenants.iter().find_map(|tenant| Some((tenant, &tenant.numbers[of(tenant)?])))
    }

    /// The PINs of a number's sessions, whether or not they are over.
    pub fn pins(&self, e164: &str) -> Vec<&str> {
        let sessions = self.tenants.iter().flat_map(|tenant| {
            tenant.sessions.iter().filter(move |session| tenant.numbers[session.number].e164 == e164)
        });
        let pins = sessions.filter_map(|session| session.pins.as_ref());
        pins.flat_map(|pins| [pins.first.as_str(), pins.second.as_str()]).collect()
    }

    /// Whether this is a number of ours.
    pub fn is_ours(&self, phone: &str) -> bool {
        self.number(phone).is_some_and(|(_, number)| number.state != NumberState::Retired)
    }

    /// The tenant of an account.
    pub fn tenant_of(&self, account: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.accounts.iter().any(|own| own.id == account))
    }
}

impl Tenant {
    /// The office that governs a session, or a number where there is none.
    pub fn office_of(&self, number: &Number) -> &Office {
        &self.offices[number.office.unwrap_or(0)]
    }

    /// Everybody's phones: technicians', customers' and lines'.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        let technicians = self.technicians.iter().map(|one| &one.phone);
        let customers = self.customers.iter().flat_map(|one| &one.phones);
        let lines = self.offices.iter().flat_map(|office| &office.lines).map(|line| &line.phone);
        let parties = self.sessions.iter().flat_map(|one| one.first.iter().chain(&one.second));
        technicians.chain(customers).chain(lines).chain(parties).map(String::as_str)
    }

    /// The office of a line.
    pub fn line_office(&self, phone: &str) -> Option<&Office> {
        self.offices.iter().find(|office| office.lines.iter().any(|line| line.phone == phone))
    }
}

impl Number {
    /// Since when it is given back at `at`, and whether it still cools, by the days of its office.
    pub fn released(&self, office: &Office, at: Moment) -> Option<bool> {
        match self.state {
            NumberState::Released(since) if since <= at => Some(at < since.plus_days(office.masking.cooldown_days)),
            NumberState::Released(_) | NumberState::Serves | NumberState::Retired => None,
        }
    }
}

impl Office {
    /// The reply window.
    pub fn window(&self) -> Duration {
        Duration::from_secs(60 * self.masking.window)
    }
}
