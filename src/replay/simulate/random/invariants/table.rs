//! Which session a number and a phone lead to: looked up in the drawn world, by the dates that it was drawn with and by
//! who was in contact with whom.
//!
//! Deliberately not here: comparing it with what was decided (`sessions`).

use std::time::Duration;

use crate::domain::Moment;

use super::super::happened::Thread;
use super::super::plan::{Contact, JobStatus, Number, NumberState, Office, Plan, Session, Tenant};
use super::texts::OptOuts;

/// Which side a caller stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The technician's.
    First,
    /// The customer's.
    Second,
    /// Neither.
    Outside,
}

/// Where a number and a phone lead.
#[derive(Clone, Debug)]
pub struct Found<'p> {
    /// The match, as decisions word it.
    pub matched: &'static str,
    /// The caller's side.
    pub side: Side,
    /// The session; several where any of them would do. None: there is none.
    pub sessions: Vec<&'p Session>,
    /// Whether a technician is asked which customer.
    pub menu: bool,
    /// The sessions whose PINs lead anywhere, where one is asked for.
    pub asking: Vec<&'p Session>,
}

impl Found<'_> {
    fn nobody() -> Self {
        Self { matched: "none", side: Side::Outside, sessions: Vec::new(), menu: false, asking: Vec::new() }
    }

    /// Whether a PIN is asked for.
    pub fn needs_pin(&self) -> bool {
        !self.asking.is_empty()
    }

    /// Whether it is a plain pair's.
    pub fn plain(&self) -> bool {
        self.needs_pin() || !self.sessions.is_empty() && self.sessions.iter().all(|session| session.work.is_none())
    }
}

/// Where a session stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stands {
    NotYet,
    Live,
    Grace,
    Over { by_job: bool },
}

/// The table: the drawn world, and what has happened since.
#[derive(Debug)]
pub struct Table<'p> {
    plan: &'p Plan,
    contacts: Vec<Contact>,
    /// Contacts of a menu, made by requests after the one that is looked at: which request, and what it made.
    later: Vec<(usize, Contact)>,
    texted: Vec<(String, String)>,
    /// Who opted out.
    pub opt_outs: OptOuts,
}

impl<'p> Table<'p> {
    /// That of a world in which nothing has happened yet.
    pub fn new(plan: &'p Plan) -> Self {
        let contacts = plan.tenants.iter().flat_map(|tenant| tenant.contacts.iter().cloned()).collect();
        Self { plan, contacts, later: Vec::new(), texted: Vec::new(), opt_outs: OptOuts::default() }
    }

    /// Where a call or text leads; `None` where the number is not ours any more, or the caller is a number of ours.
    pub fn find(&mut self, thread: &Thread<'_>, at: Moment) -> Option<Found<'p>> {
        let no = thread.first().map_or(0, |first| first.ask.no);
        let made = self.later.extract_if(.., |(by, _)| *by < no);
        self.contacts.extend(made.map(|(_, contact)| contact));
        let (tenant, number) = self.plan.number(thread.number)?;
        if number.state == NumberState::Retired || self.plan.is_ours(thread.phone) {
            return None;
        }
        let office = tenant.office_of(number);
        let found = self.leads(tenant, number, office, thread, at);
        let on = if thread.is_call() { office.masking.voice } else { office.masking.sms };
        // A word that opts out acts whatever is masked, and says whose it is.
        let open = on || found.plain() || self.opt_outs.is_keyword(thread);
        Some(if open { found } else { Found::nobody() })
    }

    fn leads(
        &self,
        tenant: &'p Tenant,
        number: &'p Number,
        office: &Office,
        thread: &Thread<'_>,
        at: Moment,
    ) -> Found<'p> {
        let phone = thread.phone;
        if !is_phone(phone) || number.released(office, at).is_some() {
            return Found::nobody();
        }
        let here: Vec<(Stands, &'p Session)> = tenant
            .sessions
            .iter()
            .filter(|session| tenant.numbers[session.number].e164 == number.e164)
            .map(|session| (stands(tenant, office, session, at), session))
            .collect();
        let of = |stand: Stands, side: fn(&Session) -> Option<&String>| {
            let own = move |(stands, session): &&(Stands, &'p Session)| {
                *stands == stand && side(session).is_some_and(|own| own == phone)
            };
            here.iter().filter(own).map(|(_, session)| *session).collect::<Vec<_>>()
        };
        let one = |matched, side, session: &'p Session| {
            let forced = thread.is_call() && session.pins.as_ref().is_some_and(|pins| pins.forced);
            let asking = forced.then_some(session).into_iter().collect();
            Found { matched, side, sessions: vec![session], menu: false, asking }
        };
        if let [session, ..] = of(Stands::Live, |session| session.second.as_ref()).as_slice() {
            return one("live", Side::Second, session);
        }
        let own = [of(Stands::Live, |session| session.first.as_ref()), of(Stands::Grace, |s| s.first.as_ref())];
        match own.concat().as_slice() {
            [] => {}
            [session] => return one(if own[0].is_empty() { "grace" } else { "live" }, Side::First, session),
            several => return self.of_several(several, own[0].len(), office, thread, at),
        }
        if let [session, ..] = of(Stands::Grace, |session| session.second.as_ref()).as_slice() {
            return one("grace", Side::Second, session);
        }
        let with_one = |(stands, session): &&(Stands, &Session)| {
            *stands == Stands::Live
                && session.first.is_some() != session.second.is_some()
                && session.pins.is_none()
                && !is_party(session, phone)
                && !here.iter().any(|(_, other)| cools(tenant, office, other, session, phone, at))
        };
        if let Some((_, session)) = here.iter().find(with_one) {
            let side = if session.first.is_some() { Side::Second } else { Side::First };
            return one("live", side, session);
        }
        self.recent(&here, number, office, phone, at)
            .or_else(|| owner(tenant, number, office, &here, phone))
            .or_else(|| of_job(number, office, &here))
            .unwrap_or_else(|| {
                let with_pins =
                    |(stands, session): &&(Stands, &Session)| *stands == Stands::Live && session.pins.is_some();
                let asking = here.iter().filter(with_pins).map(|(_, session)| *session);
                Found { asking: asking.filter(|_| thread.is_call()).collect(), ..Found::nobody() }
            })
    }

    /// A technician with several customers: the latest in contact, inside the reply window; else they are asked.
    fn of_several(
        &self,
        several: &[&'p Session],
        live: usize,
        office: &Office,
        thread: &Thread<'_>,
        at: Moment,
    ) -> Found<'p> {
        let latest = |session: &Session| {
            let customer = session.second.as_deref();
            let own = |contact: &&Contact| {
                contact.number == thread.number
                    && contact.at <= at
                    && (customer == Some(&contact.from) || customer == Some(&contact.to))
            };
            self.contacts.iter().filter(own).map(|contact| contact.at).max()
        };
        let newest = several.iter().filter_map(|session| latest(session)).max();
        let newest = newest.filter(|newest| at.since(*newest) <= office.window());
        let chosen: Vec<usize> =
            (0..several.len()).filter(|no| newest.is_some() && latest(several[*no]) == newest).collect();
        let asked = !thread.is_call() && self.texted.contains(&(thread.number.to_owned(), thread.phone.to_owned()));
        if asked {
            // Whom a digit of theirs chose before is for the conversation to know.
            return Found {
                matched: "",
                side: Side::First,
                sessions: several.to_vec(),
                menu: true,
                asking: Vec::new(),
            };
        }
        match chosen.as_slice() {
            [] => {
                let matched = if live > 0 { "live" } else { "grace" };
                Found { matched, side: Side::First, sessions: Vec::new(), menu: true, asking: Vec::new() }
            }
            chosen => Found {
                matched: if chosen.iter().all(|no| *no < live) { "live" } else { "" },
                side: Side::First,
                sessions: chosen.iter().map(|no| several[*no]).collect(),
                menu: false,
                asking: Vec::new(),
            },
        }
    }

    /// A session that its job ended, where somebody was in contact towards this phone inside the reply window.
    fn recent(
        &self,
        here: &[(Stands, &'p Session)],
        number: &Number,
        office: &Office,
        phone: &str,
        at: Moment,
    ) -> Option<Found<'p>> {
        let ended = here.iter().filter(|(stands, session)| {
            *stands == Stands::Over { by_job: true } && session.work.is_some() && is_party(session, phone)
        });
        let towards = |from: &dyn Fn(&str) -> bool| {
            self.contacts.iter().any(|contact| {
                contact.number == number.e164
                    && contact.to == phone
                    && contact.at <= at
                    && at.since(contact.at) <= office.window()
                    && from(&contact.from)
            })
        };
        let counts = |session: &Session| {
            let other = if session.second.as_deref() == Some(phone) { &session.first } else { &session.second };
            session.second.as_deref() == Some(phone) && towards(&|_| true)
                || towards(&|from| other.as_deref() == Some(from))
        };
        let sessions: Vec<&Session> = ended.map(|(_, session)| *session).filter(|session| counts(session)).collect();
        let side = if sessions.first()?.second.as_deref() == Some(phone) { Side::Second } else { Side::First };
        Some(Found { matched: "recent", side, sessions, menu: false, asking: Vec::new() })
    }

    /// Takes note of a call or text, after it was looked up.
    pub fn note(&mut self, thread: &Thread<'_>, found: &Found<'p>, at: Moment) {
        let known = self.plan.number(thread.number);
        let keyword = thread.words.is_some_and(|words| self.opt_outs.hear(thread.number, thread.phone, words));
        if !thread.is_call() {
            self.texted.push((thread.number.to_owned(), thread.phone.to_owned()));
        }
        let Some((tenant, number)) = known.filter(|_| !keyword && !thread.because("rate_limited")) else { return };
        let customer = found.side == Side::Second && !found.plain();
        if customer {
            let first = found.sessions.first().map(|session| session.first.clone());
            let owner = number.technician.map(|no| tenant.technicians[no].phone.clone());
            if let Some(to) = first.unwrap_or(owner) {
                self.contacts.push(contact(thread, to, at, "customer"));
            }
            return;
        }
        if found.side != Side::Outside {
            let by = if found.side == Side::First { "technician" } else { "customer" };
            for to in reached(&thread.document(), thread.phone) {
                self.contacts.push(contact(thread, to, at, by));
            }
        }
        for pin in thread.exchanges.iter().filter(|exchange| exchange.ask.url.contains("/voice/pin?")) {
            for to in reached(&String::from_utf8_lossy(&pin.answer.body), thread.phone) {
                self.later.push((pin.ask.no, contact(thread, to, pin.ask.at, "customer")));
            }
        }
        for menu in thread.exchanges.iter().filter(|exchange| exchange.ask.url.contains("/voice/menu?")) {
            for to in reached(&String::from_utf8_lossy(&menu.answer.body), thread.phone) {
                let made = contact(thread, to, menu.ask.at, "technician");
                self.later.push((menu.ask.no, made));
            }
        }
    }
}

fn contact(thread: &Thread<'_>, to: String, at: Moment, by: &'static str) -> Contact {
    let (number, from) = (thread.number.to_owned(), thread.phone.to_owned());
    Contact { number, from, to, at, text: !thread.is_call(), by }
}

/// The phones that a document rings or texts, but for whoever asked.
pub(super) fn reached(document: &str, but: &str) -> Vec<String> {
    let Ok(document) = roxmltree::Document::parse(document) else { return Vec::new() };
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    let phone = |node: roxmltree::Node<'_, '_>| match node.tag_name().name() {
        "Number" => node.text().map(str::to_owned),
        "Message" => node.attribute("to").map(str::to_owned),
        _ => None,
    };
    elements.filter_map(phone).filter(|phone| phone != but).collect()
}

fn owner<'p>(
    tenant: &'p Tenant,
    number: &Number,
    office: &Office,
    here: &[(Stands, &'p Session)],
    phone: &str,
) -> Option<Found<'p>> {
    let technician = &tenant.technicians[number.technician?];
    let known = tenant.customers.iter().any(|customer| customer.phones.iter().any(|own| own == phone));
    let was = here.iter().any(|(_, session)| session.work.is_some() && session.second.as_deref() == Some(phone));
    let may = technician.phone != phone && (known || was) && office.masking.enabled;
    may.then_some(Found { matched: "owner", side: Side::Second, sessions: Vec::new(), menu: false, asking: Vec::new() })
}

fn of_job<'p>(number: &Number, office: &Office, here: &[(Stands, &'p Session)]) -> Option<Found<'p>> {
    let per_job = number.job.is_some() || number.technician.is_none() && office.masking.mode == "per_job_ephemeral";
    let standing = |wanted: Stands| {
        let of_job = |session: &Session| {
            session.work.is_some_and(|work| work.2.is_some() && (number.job.is_none() || work.2 == number.job))
        };
        let own = here.iter().filter(|(stands, session)| *stands == wanted && of_job(session));
        own.map(|(_, session)| *session).collect::<Vec<_>>()
    };
    let live = standing(Stands::Live);
    let sessions = if live.is_empty() { standing(Stands::Grace) } else { live };
    (per_job && !sessions.is_empty()).then_some(Found {
        matched: "job",
        side: Side::Second,
        sessions,
        menu: false,
        asking: Vec::new(),
    })
}

/// Where a session stands at an instant.
fn stands(tenant: &Tenant, office: &Office, session: &Session, at: Moment) -> Stands {
    let job = session.work.and_then(|work| work.2).map(|job| tenant.jobs[job].status);
    let graced = match job {
        Some(JobStatus::Completed(done)) => done <= at && at < done.plus_days(office.masking.grace_days),
        Some(JobStatus::Open | JobStatus::Canceled(_)) | None => false,
    };
    if let Some((ended, by)) = session.ended.filter(|(ended, _)| *ended <= at) {
        // What a job ended before it was completed, being called off for a time, does not come back.
        let completed = matches!(job, Some(JobStatus::Completed(done)) if done <= ended);
        return if by == "job" && completed && graced { Stands::Grace } else { Stands::Over { by_job: by == "job" } };
    }
    if session.expires.is_some_and(|expires| expires <= at) {
        return Stands::Over { by_job: false };
    }
    if session.begins.is_some_and(|begins| at < begins) {
        return Stands::NotYet;
    }
    if graced {
        return Stands::Grace;
    }
    match job {
        Some(JobStatus::Completed(done) | JobStatus::Canceled(done)) if done <= at => Stands::Over { by_job: true },
        Some(JobStatus::Completed(_) | JobStatus::Canceled(_) | JobStatus::Open) | None => Stands::Live,
    }
}

/// Whether a phone still cools for a session that is over, and was in it with somebody else than is in this one.
fn cools(tenant: &Tenant, office: &Office, over: &Session, one: &Session, phone: &str, at: Moment) -> bool {
    let other = if over.first.as_deref() == Some(phone) { &over.second } else { &over.first };
    if !is_party(over, phone) || *other == one.first.clone().or_else(|| one.second.clone()) {
        return false;
    }
    let rested = match over.work {
        Some(_) => at.plus_days(-office.masking.cooldown_days),
        None => at.minus(Duration::from_secs(over.cooloff)),
    };
    let is_over = |at| matches!(stands(tenant, office, over, at), Stands::Over { .. });
    is_over(at) && !is_over(rested)
}

fn is_party(session: &Session, phone: &str) -> bool {
    session.first.as_deref() == Some(phone) || session.second.as_deref() == Some(phone)
}

/// Whether this is a phone that can be somebody: the keypad forms of a withheld number are not.
pub fn is_phone(from: &str) -> bool {
    const KEYPAD: [&str; 5] = ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"];
    from.starts_with('+') && !KEYPAD.contains(&from)
}
