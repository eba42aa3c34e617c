//! The part of a tenant that one call or text depends on, and the same with pseudonyms.
//!
//! Deliberately not here: writing it as a file (`sheet`), and state that a rules file cannot say (`before`).

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::spoken::speakable;
use crate::domain::{
    Account, Callback, Contact, Customer, E164, Location, LocationId, MaskingMode, MaskingNumber, Number, Prompts,
    RuleRoute, Session, SessionKind, SignatureMode, Technician, Tenant, WorkOrder,
};
use crate::rules::ruleset::{AccountSecrets, Ruleset, TenantSecrets};
use crate::rules::{numbering, template};

use super::filler;
use super::names::slug;
use super::pseudonyms::Pseudonyms;

/// The most sessions of one number that a world gets.
const MOST_SESSIONS: usize = 300;

/// What a call or text is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The account that its webhooks came to.
    pub account: String,
    /// The number called.
    pub number: Option<E164>,
    /// Phones that take part: the caller's, and those that were dialled.
    pub phones: Vec<E164>,
    /// The location that governed.
    pub location: Option<LocationId>,
    /// The session, by its id.
    pub session: Option<String>,
    /// Contacts through the number, from before.
    pub contacts: Vec<Contact>,
    /// Countries that the server allows; empty narrows nothing.
    pub allowed_countries: Vec<String>,
}

/// The part of a tenant that matters. Nothing is mapped; it is for rehearsing, and never written down.
pub fn part(all: &Ruleset, about: &About) -> Ruleset {
    let mut part = Ruleset {
        tenant: Tenant { allowed_countries: countries(all, about), ..all.tenant.clone() },
        secrets: TenantSecrets::default(),
        accounts: Vec::new(),
        locations: Vec::new(),
        technicians: Vec::new(),
        customers: Vec::new(),
        work_orders: Vec::new(),
        numbers: Vec::new(),
        sessions: Vec::new(),
        contacts: about.contacts.clone(),
        demo_secrets: false,
    };
    let number = all.numbers.iter().find(|number| Some(number.e164.e164()) == about.number);
    let governing = about.location.as_ref().or(number.and_then(|number| number.location.as_ref()));
    let mode = governing.and_then(|id| all.location(id)).map(|location| location.masking.masking_mode);
    let everybody = matches!(mode, Some(MaskingMode::PerTechnician | MaskingMode::PerJobEphemeral));
    let matters = |session: &&Session| {
        let has = |party: Option<E164>| party.is_none_or(|phone| about.phones.contains(&phone));
        Some(session.number.e164()) == about.number
            && (everybody
                || about.session.as_deref() == Some(session.id.as_str())
                || has(session.first_party)
                || has(session.second_party)
                // It asks whoever calls.
                || session.options.terms.as_ref().is_some_and(|terms| terms.pins.is_some()))
    };
    part.sessions = all.sessions.iter().filter(matters).take(MOST_SESSIONS).cloned().collect();
    let job_ids: BTreeSet<String> = part
        .sessions
        .iter()
        .filter_map(Session::work_order)
        .chain(number.and_then(|number| number.work_order.as_ref()))
        .map(ToString::to_string)
        .collect();
    part.work_orders = all.work_orders.iter().filter(|job| job_ids.contains(job.id.as_str())).cloned().collect();
    part.locations = locations(all, &part, governing, number);
    let of_rules = part.locations.iter().flat_map(|location| &location.rules).filter_map(|rule| match &rule.route {
        RuleRoute::Technician(id) => Some(id),
        RuleRoute::Route(_) | RuleRoute::NoMatch(_) | RuleRoute::Line(_) => None,
    });
    let technician_ids: BTreeSet<String> = part
        .sessions
        .iter()
        .filter_map(Session::technician)
        .chain(part.work_orders.iter().filter_map(|job| job.technician.as_ref()))
        .chain(number.and_then(|number| number.technician.as_ref()))
        .chain(of_rules)
        .map(ToString::to_string)
        .collect();
    let takes_part = |phone: &E164| about.phones.contains(phone);
    let known = |one: &&Technician| technician_ids.contains(one.id.as_str()) || one.phone.iter().any(takes_part);
    part.technicians = all.technicians.iter().filter(known).cloned().collect();
    let customer_ids: BTreeSet<String> = part
        .sessions
        .iter()
        .filter_map(Session::customer)
        .chain(part.work_orders.iter().filter_map(|job| job.customer.as_ref()))
        .map(ToString::to_string)
        .collect();
    let known = |one: &&Customer| customer_ids.contains(one.id.as_str()) || one.phones.iter().any(takes_part);
    part.customers = all.customers.iter().filter(known).cloned().collect();
    part.numbers = numbers(all, &part, about);
    let accounts = all.accounts.iter().filter(|(account, _)| {
        account.id.as_str() == about.account || part.numbers.iter().any(|number| number.account == account.id)
    });
    part.accounts = accounts.map(|(account, _)| (sandboxed(account), AccountSecrets::default())).collect();
    tie(&mut part);
    part
}

/// An account that nothing is sent to and that takes whatever comes: what is rehearsed has proven itself already.
fn sandboxed(account: &Account) -> Account {
    Account { sandbox: true, signature: SignatureMode::Off, public_base_url: String::new(), ..account.clone() }
}

/// Where the tenant may call: what it says, else the countries of all its numbers, not only of those that matter.
fn countries(all: &Ruleset, about: &About) -> Vec<String> {
    let mut allowed: BTreeSet<String> = all.tenant.allowed_countries.iter().cloned().collect();
    if allowed.is_empty() {
        let regions = all.numbers.iter().filter_map(|number| numbering::region(number.e164.e164()));
        allowed = regions.map(|region| region.to_string()).collect();
    }
    if !about.allowed_countries.is_empty() {
        allowed.retain(|country| about.allowed_countries.contains(country));
    }
    allowed.into_iter().collect()
}

fn locations(all: &Ruleset, part: &Ruleset, governing: Option<&LocationId>, number: Option<&Number>) -> Vec<Location> {
    let ids: BTreeSet<&LocationId> = governing
        .into_iter()
        .chain(number.and_then(|number| number.location.as_ref()))
        .chain(part.sessions.iter().filter_map(|session| session.location.as_ref()))
        .chain(part.work_orders.iter().filter_map(|job| job.location.as_ref()))
        .chain(all.tenant.default_location.as_ref())
        .collect();
    all.locations.iter().filter(|location| ids.contains(&location.id)).cloned().collect()
}

/// The number itself, and numbers of ours that somebody in the part has for a phone: those calls would be loops.
fn numbers(all: &Ruleset, part: &Ruleset, about: &About) -> Vec<Number> {
    let lines = part.locations.iter().flat_map(|location| &location.lines).map(|line| line.phone);
    let people = part.technicians.iter().filter_map(|one| one.phone);
    let customers = part.customers.iter().flat_map(|one| one.phones.iter().copied());
    let parties = part.sessions.iter().flat_map(|one| [one.first_party, one.second_party]).flatten();
    let phones: BTreeSet<E164> =
        lines.chain(people).chain(customers).chain(parties).chain(about.phones.iter().copied()).collect();
    let own = |number: &&Number| {
        let e164 = number.e164.e164();
        Some(e164) == about.number || phones.contains(&e164)
    };
    all.numbers.iter().filter(own).cloned().collect()
}

/// Takes away what points out of the part.
fn tie(part: &mut Ruleset) {
    let locations: Vec<LocationId> = part.locations.iter().map(|one| one.id.clone()).collect();
    let has = |id: &Option<LocationId>| id.as_ref().is_none_or(|id| locations.contains(id));
    part.technicians.iter_mut().filter(|one| !has(&one.location)).for_each(|one| one.location = None);
    part.customers.iter_mut().filter(|one| !has(&one.location)).for_each(|one| one.location = None);
    part.work_orders.iter_mut().filter(|one| !has(&one.location)).for_each(|one| one.location = None);
    part.sessions.iter_mut().filter(|one| !has(&one.location)).for_each(|one| one.location = None);
    part.numbers.iter_mut().filter(|one| !has(&one.location)).for_each(|one| one.location = None);
    part.tenant.default_location = part.tenant.default_location.take().filter(|id| locations.contains(id));
    let technicians: BTreeSet<_> = part.technicians.iter().map(|one| one.id.clone()).collect();
    let customers: BTreeSet<_> = part.customers.iter().map(|one| one.id.clone()).collect();
    let jobs: BTreeSet<_> = part.work_orders.iter().map(|one| one.id.clone()).collect();
    for job in &mut part.work_orders {
        job.technician = job.technician.take().filter(|id| technicians.contains(id));
        job.customer = job.customer.take().filter(|id| customers.contains(id));
    }
    for number in &mut part.numbers {
        number.technician = number.technician.take().filter(|id| technicians.contains(id));
        number.work_order = number.work_order.take().filter(|id| jobs.contains(id));
    }
    for session in &mut part.sessions {
        if let SessionKind::Job { technician, customer, work_order } = &mut session.kind {
            *technician = technician.take().filter(|id| technicians.contains(id));
            *customer = customer.take().filter(|id| customers.contains(id));
            *work_order = work_order.take().filter(|id| jobs.contains(id));
        }
    }
    let numbers: BTreeSet<_> = part.numbers.iter().map(|number| number.e164.e164()).collect();
    part.contacts.retain(|contact| numbers.contains(&contact.number.e164()));
}

/// The part with pseudonyms for everything that is anybody's.
pub fn mapped(part: &Ruleset, pseudonyms: &mut Pseudonyms) -> Ruleset {
    let real = part.tenant.id.to_string();
    let mut of = Of { tenant: &real, pseudonyms };
    let technicians = part.technicians.iter().map(|one| ("technician", one.id.as_str()));
    let customers = part.customers.iter().map(|one| ("customer", one.id.as_str()));
    of.pseudonyms.people(&real, technicians.chain(customers));
    let company = of.pseudonyms.company(&real);
    let tenant = slug(&company);
    let mut made = part.clone();
    made.tenant.id = tenant.as_str().into();
    made.tenant.name.clone_from(&company);
    made.tenant.auth_id = None;
    made.tenant.deepcall_user_id = None;
    made.tenant.default_location = of.place(part.tenant.default_location.as_ref());
    for (account, _) in &mut made.accounts {
        account.id = of.pseudonyms.account(&real, account.id.as_str(), account.kind).into();
        account.account_sid = of.pseudonyms.sid(&account.account_sid);
        account.signature = SignatureMode::Enforce;
        account.api_base_url.clear();
    }
    made.locations.iter_mut().for_each(|location| of.location(location, &company));
    for one in &mut made.technicians {
        let name = of.pseudonyms.person(&real, "technician", one.id.as_str());
        one.id = slug(&name).into();
        one.name = if speakable(&one.name).is_some() { name } else { String::new() };
        one.phone = one.phone.map(|phone| of.pseudonyms.phone(phone));
        one.location = of.place(one.location.as_ref());
    }
    for one in &mut made.customers {
        let name = of.pseudonyms.person(&real, "customer", one.id.as_str());
        one.id = slug(&name).into();
        one.name = if speakable(&one.name).is_some() { name } else { String::new() };
        one.phones = one.phones.iter().map(|phone| of.pseudonyms.phone(*phone)).collect();
        one.other_phones.clear();
        one.location = of.place(one.location.as_ref());
        one.tags = of.tags(&one.tags);
    }
    made.work_orders.iter_mut().for_each(|job| of.job(job));
    for number in &mut made.numbers {
        number.e164 = of.number(number.e164);
        number.account = of.account(part, number.account.as_str()).into();
        number.location = of.place(number.location.as_ref());
        number.technician = number.technician.as_ref().map(|id| of.person("technician", id.as_str()).into());
        number.work_order = number.work_order.as_ref().map(|id| of.id("job", id.as_str()).into());
        number.answer_url = number.answer_url.as_deref().map(|url| of.pseudonyms.url(url));
    }
    // Sessions that nothing else tells apart are offered in the order of their ids.
    let ranked: BTreeSet<String> = part.sessions.iter().map(|session| session.id.to_string()).collect();
    for session in &mut made.sessions {
        let rank = ranked.range(..session.id.to_string()).count();
        of.session(session, rank);
    }
    for contact in &mut made.contacts {
        contact.number = of.number(contact.number);
        contact.from = of.pseudonyms.phone(contact.from);
        contact.to = of.pseudonyms.phone(contact.to);
    }
    made
}

/// Pseudonyms within one tenant.
struct Of<'a> {
    tenant: &'a str,
    pseudonyms: &'a mut Pseudonyms,
}

impl Of<'_> {
    fn person(&mut self, kind: &str, id: &str) -> String {
        slug(&self.pseudonyms.person(self.tenant, kind, id))
    }

    fn id(&mut self, kind: &str, id: &str) -> String {
        self.pseudonyms.id(kind, self.tenant, id)
    }

    fn place(&mut self, id: Option<&LocationId>) -> Option<LocationId> {
        id.map(|id| slug(&self.pseudonyms.town(self.tenant, id.as_str())).into())
    }

    fn number(&mut self, number: MaskingNumber) -> MaskingNumber {
        MaskingNumber::rented(self.pseudonyms.phone(number.e164()))
    }

    fn account(&mut self, part: &Ruleset, id: &str) -> String {
        let found = part.accounts.iter().find(|(account, _)| account.id.as_str() == id);
        found.map_or_else(String::new, |(account, _)| self.pseudonyms.account(self.tenant, id, account.kind))
    }

    fn tags(&mut self, tags: &[String]) -> Vec<String> {
        tags.iter().map(|tag| self.id("tag", tag)).collect()
    }

    fn job(&mut self, job: &mut WorkOrder) {
        job.id = self.id("job", job.id.as_str()).into();
        job.location = self.place(job.location.as_ref());
        job.customer = job.customer.as_ref().map(|id| self.person("customer", id.as_str()).into());
        job.technician = job.technician.as_ref().map(|id| self.person("technician", id.as_str()).into());
        let title = speakable(&job.title).map_or(0, |title| title.chars().count());
        job.title = filler::words(title);
        job.tags = self.tags(&job.tags);
    }

    fn session(&mut self, session: &mut Session, rank: usize) {
        let letter = |no: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[no % 26]);
        let place = format!("session-{}{}", letter(rank / 26), letter(rank));
        session.id = self.id(&place, session.id.as_str()).into();
        session.number = self.number(session.number);
        session.first_party = session.first_party.map(|phone| self.pseudonyms.phone(phone));
        session.second_party = session.second_party.map(|phone| self.pseudonyms.phone(phone));
        session.location = self.place(session.location.as_ref());
        if let SessionKind::Job { technician, customer, work_order } = &mut session.kind {
            *technician = technician.as_ref().map(|id| self.person("technician", id.as_str()).into());
            *customer = customer.as_ref().map(|id| self.person("customer", id.as_str()).into());
            *work_order = work_order.as_ref().map(|id| self.id("job", id.as_str()).into());
        }
        let options = &mut session.options;
        for url in [&mut options.first_party_play_url, &mut options.second_party_play_url].into_iter().flatten() {
            *url = self.pseudonyms.url(url);
        }
        let Some(terms) = options.terms.as_mut().map(Arc::make_mut) else { return };
        // Who is told of a session is no part of a world.
        (terms.callback, terms.recording_callback, terms.event_id) = (Callback::default(), Callback::default(), None);
        let pins = terms.pins.as_mut();
        let (prompt, incorrect) =
            pins.map_or((None, None), |pins| (Some(&mut pins.prompt_play), pins.incorrect_play.as_mut()));
        for url in [prompt, incorrect, terms.unknown_caller_play.as_mut()].into_iter().flatten() {
            *url = self.pseudonyms.url(url);
        }
    }

    fn location(&mut self, location: &mut Location, company: &str) {
        let town = self.pseudonyms.town(self.tenant, location.id.as_str());
        let own = slug(&town);
        location.id = own.as_str().into();
        location.name = if speakable(&location.name).is_some() { format!("{company} {town}") } else { String::new() };
        location.hours = without_remarks(&location.hours);
        location.special_hours.values_mut().for_each(|hours| *hours = without_remarks(hours));
        let Prompts(prompts) = &mut location.prompts;
        prompts.values_mut().for_each(|prompt| *prompt = self.prompt(prompt));
        location.queue.wait_prompt = self.prompt(&location.queue.wait_prompt);
        location.queue.wait_play_url = self.pseudonyms.url(&location.queue.wait_play_url);
        let masking = &mut location.masking;
        masking.backoffice_whisper_text = self.prompt(&masking.backoffice_whisper_text);
        // Lines are called by their place, so that rules that name one still do.
        let lines: Vec<_> = location.lines.iter().map(|line| line.id.clone()).collect();
        let place = |id: &crate::domain::LineId| lines.iter().position(|line| line == id).map_or(0, |at| at + 1);
        for (no, rule) in location.rules.iter_mut().enumerate() {
            rule.name = format!("Rule {}", no + 1);
            rule.when.tag = rule.when.tag.take().map(|tag| self.id("tag", &tag));
            rule.route = match &rule.route {
                RuleRoute::Technician(id) => RuleRoute::Technician(self.person("technician", id.as_str()).into()),
                RuleRoute::Line(id) => RuleRoute::Line(format!("{own}-desk-{}", place(id)).into()),
                other @ (RuleRoute::Route(_) | RuleRoute::NoMatch(_)) => other.clone(),
            };
        }
        for line in &mut location.lines {
            line.id = format!("{own}-desk-{}", place(&line.id)).into();
            line.phone = self.pseudonyms.phone(line.phone);
        }
    }

    fn prompt(&mut self, text: &str) -> String {
        if text.starts_with("http://") || text.starts_with("https://") {
            self.pseudonyms.url(text)
        } else {
            filler::template(text, &template::PLACEHOLDERS)
        }
    }
}

/// Opening hours may hold remarks in quotes, which anybody can have written.
fn without_remarks(hours: &str) -> String {
    let pieces = hours.split('"').enumerate();
    pieces.map(|(at, piece)| if at % 2 == 1 { "\"remark\"" } else { piece }).collect()
}
