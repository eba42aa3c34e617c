//! One call or text taken from the store and put on the shelf as a fixture with its world.
//!
//! Deliberately not here: which one (`cli`), and playing it afterwards (`replay::run`).

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::{LocationId, TenantId};
use crate::rules::ruleset::Ruleset;
use crate::rules::zones;
use crate::store::{Reader, StoreError};

use super::super::link::Link;
use super::super::play::{self, Stage};
use super::super::target::{OFFLINE_BASE, Offline};
use super::super::world::Worlds;
use super::super::xml::{self, Element};
use super::super::{link, read};
use super::before::{self, Before, before};
use super::document::{Mapping, Said};
use super::fixture::{self, Exchange, Expect, Page};
use super::form::{self, Ids};
use super::pseudonyms::Pseudonyms;
use super::shelf::{Placed, Shelf};
use super::tape::{Step, Tape};
use super::world::{About, mapped, part};
use super::{names, pins, rehearsal, sheet, story};

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The journal does not have it, or not any more.
    #[error("the journal has no call or text with this id; it is kept for `journal_days`")]
    Unknown,
    /// The tenant or the account is gone.
    #[error("its provider account is not in the database any more")]
    NoAccount,
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files cannot be written.
    #[error("{0}")]
    Files(#[from] io::Error),
    /// Pseudonyms.
    #[error("nothing was written: {0}")]
    Pseudonyms(String),
}

/// A fixture that is there now.
#[derive(Debug)]
pub struct Taken {
    /// The fixture.
    pub fixture: Placed,
    /// Its world.
    pub world: PathBuf,
    /// What differs from what happened, and why that can be.
    pub remarks: Vec<String>,
}

/// Takes calls and texts from a store.
pub struct Taker<'a> {
    /// The store.
    pub reader: &'a Reader,
    /// The project's pseudonyms.
    pub pseudonyms: &'a mut Pseudonyms,
    /// Where files go.
    pub shelf: Shelf,
    /// Countries that the server allows.
    pub allowed_countries: Vec<String>,
    tenants: HashMap<TenantId, Ruleset>,
}

impl<'a> Taker<'a> {
    /// One for this store, these pseudonyms and this shelf.
    pub fn new(
        reader: &'a Reader,
        pseudonyms: &'a mut Pseudonyms,
        shelf: Shelf,
        allowed_countries: Vec<String>,
    ) -> Self {
        Self { reader, pseudonyms, shelf, allowed_countries, tenants: HashMap::new() }
    }

    /// Takes the call or text with this id of a provider.
    pub async fn take(&mut self, sid: &str) -> Result<Taken, NotTaken> {
        let tape = match self.reader.interaction(sid).await? {
            Some(record) => before::load(self.reader, &record.row.id).await?,
            None => Some(Tape::stray(&self.reader.stray_steps(sid).await?)),
        };
        self.write(tape.filter(|tape| !tape.steps.is_empty()).ok_or(NotTaken::Unknown)?).await
    }

    /// Takes the interaction with this id of ours.
    pub async fn take_own(&mut self, id: &str) -> Result<Taken, NotTaken> {
        let tape = before::load(self.reader, id).await?.filter(|tape| !tape.steps.is_empty());
        self.write(tape.ok_or(NotTaken::Unknown)?).await
    }

    async fn write(&mut self, mut tape: Tape) -> Result<Taken, NotTaken> {
        let tenant = self.tenant(&tape).await?;
        let rules = &self.tenants[&tenant];
        let mut phones: Vec<_> = tape.phones();
        let own = rules.sessions.iter().find(|session| Some(session.id.as_str()) == tape.session.as_deref());
        phones.extend(own.into_iter().flat_map(|session| [session.first_party, session.second_party]).flatten());
        let Before { tapes, missing } = before(self.reader, &tape, &phones).await?;
        phones.extend(tapes.iter().flat_map(Tape::phones));
        let contacts = match tape.number {
            Some(number) => self.reader.contacts_through(number, before::day_before(tape.began()), tape.turn()).await?,
            None => Vec::new(),
        };
        let about = About {
            account: tape.account.clone(),
            number: tape.number,
            phones,
            location: tape.location.as_deref().map(LocationId::from),
            session: tape.session.clone(),
            contacts,
            allowed_countries: self.allowed_countries.clone(),
        };
        let mut real = part(rules, &about);
        pins::make_up(&mut real);
        let mut earlier: Vec<Step> = tapes.into_iter().flat_map(|tape| tape.steps).collect();
        earlier.iter_mut().chain(&mut tape.steps).for_each(|step| pins::type_in(&real, step));
        let (then, mut remarks) = rehearse(&real, &mut earlier, &mut tape).await;
        remarks.extend(missing);

        let world = mapped(&real, self.pseudonyms);
        let account = rules.account(&tape.account.as_str().into()).ok_or(NotTaken::NoAccount)?;
        let account = self.pseudonyms.account(rules.tenant.id.as_str(), account.id.as_str(), account.kind);
        let governing = about.location.as_ref().and_then(|id| real.location(id)).or(real.locations.first());
        let zone = governing.map_or("UTC", |location| location.time_zone.as_str()).to_owned();
        let place = match governing {
            Some(location) => names::slug(&self.pseudonyms.town(rules.tenant.id.as_str(), location.id.as_str())),
            None => world.tenant.id.to_string(),
        };
        let began = earlier.first().map_or(tape.began(), |step| step.at);
        let mut page = Page {
            title: story::title(&tape),
            tags: vec!["recorded".to_owned(), tape.channel.clone()],
            account: account.clone(),
            now: zones::stamp(&zone, began).unwrap_or_else(|| began.to_string()),
            remarks: remarks.iter().map(|remark| format!("Differs: {remark}")).collect(),
            ..Page::default()
        };
        let steps: Vec<Step> = earlier.iter().chain(&tape.steps).cloned().collect();
        page.exchanges = self.exchanges(&steps, earlier.len(), &account, &then, &[]);
        self.trouble()?;
        let world = self.shelf.put("worlds", &format!("recorded-{place}"), &sheet::write(&world))?;
        page.world = world.name();
        // What the mapped world says in place of the words that were said.
        let now = answers(&page, &self.shelf.folder(&tape.channel)).await.unwrap_or_default();
        page.exchanges = self.exchanges(&steps, earlier.len(), &account, &then, &now);
        self.trouble()?;
        let fixture = self.shelf.put(&tape.channel, &story::file_name(&page.title), &page.text())?;
        Ok(Taken { fixture, world: world.path, remarks })
    }

    fn trouble(&self) -> Result<(), NotTaken> {
        self.pseudonyms.trouble().map_or(Ok(()), |why| Err(NotTaken::Pseudonyms(why.to_owned())))
    }

    /// Whose call it is, with all that is stored of them; asked for once.
    async fn tenant(&mut self, tape: &Tape) -> Result<TenantId, NotTaken> {
        let candidates: Vec<TenantId> = match &tape.tenant {
            Some(tenant) => vec![tenant.as_str().into()],
            None => self.reader.tenants().await?.into_iter().map(|(id, _)| id).collect(),
        };
        for id in candidates {
            if !self.tenants.contains_key(&id)
                && let Some(rules) = self.reader.stored(&id).await?
            {
                self.tenants.insert(id.clone(), rules);
            }
            let has = self.tenants.get(&id).and_then(|rules| rules.account(&tape.account.as_str().into()));
            if has.is_some() {
                return Ok(id);
            }
        }
        Err(NotTaken::NoAccount)
    }

    /// The exchanges of a fixture. The first `earlier` only prepare. Words are those of `now` where `then` has what was
    /// said.
    fn exchanges(
        &mut self,
        steps: &[Step],
        earlier: usize,
        account: &str,
        then: &[Element],
        now: &[Element],
    ) -> Vec<Exchange> {
        let mut ids = Ids::default();
        // The call itself is named first.
        if let Some(own) = steps.get(earlier) {
            form::mapped(&own.form, &mut ids, self.pseudonyms);
        }
        let (mut seen, mut exchanges) = (Vec::<Link>::new(), Vec::<Exchange>::with_capacity(steps.len()));
        let began = steps.first().map_or(0, |step| step.at.0);
        let (mut passed, mut played) = (Duration::ZERO, 0);
        for (no, step) in steps.iter().enumerate() {
            let at = Duration::from_millis(u64::try_from((step.at.0 - began).max(0) / 1_000).unwrap_or(0));
            let request = request(step, account, &seen);
            let mut exchange = Exchange {
                remark: if no < earlier { "before" } else { "" }.to_owned(),
                after: at.saturating_sub(passed),
                form: form::mapped(&step.form, &mut ids, self.pseudonyms),
                request: request
                    .clone()
                    .unwrap_or_else(|| format!("{} /webhooks/{account}/{}", step.method, step.step)),
                ..Exchange::default()
            };
            if step.step == pins::STEP {
                // These keys are made up already.
                let typed = step.form.iter().find(|(name, _)| name == "Digits");
                let mapped = exchange.form.iter_mut().find(|(name, _)| name == "Digits");
                mapped.zip(typed).into_iter().for_each(|((_, mapped), (_, typed))| mapped.clone_from(typed));
            }
            let document = xml::read(&step.answer).ok();
            if request.is_none() {
                exchange.unplayed = Some("no answer in this file contains its address".to_owned());
            } else {
                passed = passed.max(at);
            }
            if no >= earlier {
                let said = Said { then: then.get(no), now: now.get(played) };
                let mut mapping = Mapping { pseudonyms: self.pseudonyms, step: None };
                let document = document.as_ref().map(|real| mapping.element(real, said).pretty(&str::to_owned));
                exchange.expect = Some(Expect {
                    status: step.status,
                    document: document.unwrap_or_default(),
                    decision: fixture::decision(&step.decision),
                    effects: Some(step.effects.clone()),
                });
            }
            played += usize::from(exchange.unplayed.is_none());
            seen.extend(document.iter().flat_map(Element::values).filter_map(Link::read));
            exchanges.push(exchange);
        }
        exchanges
    }
}

/// The request line; `None` where it asks at an address that no earlier answer contains.
fn request(step: &Step, account: &str, seen: &[Link]) -> Option<String> {
    let named: Vec<(String, String)> = step.named().cloned().collect();
    let link = step.link()?;
    if seen.iter().any(|earlier| earlier.fits(&link.step, &named)) {
        return Some(format!("{} {}", step.method, Link { params: named, ..link }.placeholder()));
    }
    let opaque = step.own.iter().any(|(name, _)| link::OPAQUE.contains(&name.as_str()));
    (!opaque).then(|| format!("{} /webhooks/{account}/{}", step.method, link.step))
}

/// Plays what was written down in the world it came from. A text that answered a question is tried with each answer
/// that it can have been, where its words are not kept.
async fn rehearse(real: &Ruleset, earlier: &mut [Step], tape: &mut Tape) -> (Vec<Element>, Vec<String>) {
    let mut first = None;
    let mut steps: Vec<Step> = earlier.iter().chain(&tape.steps).cloned().collect();
    let chose = steps.iter().rposition(|step| step.effects.iter().any(|kind| kind == "choice.changed"));
    let answers = std::iter::once(None).chain((1..=9).map(Some)).take(if chose.is_some() { 10 } else { 1 });
    for answer in answers {
        if let (Some(chose), Some(digit)) = (chose, answer) {
            let bodies = steps[chose].form.iter_mut().filter(|(name, _)| name == "Body");
            bodies.for_each(|(_, body)| *body = format!("{digit}"));
        }
        let (then, remarks) = match rehearsal::answers(real, &steps).await {
            Ok(then) => {
                let remarks = rehearsal::changed(&steps, &then);
                (then.into_iter().map(|one| one.document).collect(), remarks)
            }
            // Why may name somebody, and remarks stand in the file.
            Err(_) => (Vec::new(), vec!["the world it came from cannot be set up today".to_owned()]),
        };
        if remarks.is_empty() {
            let own = steps.split_off(earlier.len());
            earlier.clone_from_slice(&steps);
            tape.steps = own;
            return (then, remarks);
        }
        first.get_or_insert((then, remarks));
    }
    first.unwrap_or_default()
}

/// What the mapped world answers to the fixture, as far as it can be played.
async fn answers(page: &Page, folder: &std::path::Path) -> Option<Vec<Element>> {
    let path = folder.join("recorded.toml");
    let case = read::file(&path, &page.text()).cases.ok()?.into_iter().next()?;
    let world = Worlds::default().find(&path, &case.world, &case.given).ok()?;
    let stage = Stage {
        signers: &world.signers,
        rulesets: &world.rulesets,
        base: OFFLINE_BASE,
        sign: None,
        seed: "recorded".to_owned(),
        start: case.now,
    };
    let target = Offline::new(&world, case.now).ok()?;
    let played = play::case(&case, &stage, &target).await.ok()?;
    let read = |got: &super::super::diff::Got| xml::read(&got.body).ok();
    Some(played.answers.iter().map(|got| read(got).unwrap_or_else(rehearsal::nothing)).collect())
}
