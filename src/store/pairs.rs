//! The phones that sessions hold on their numbers: at any instant one (number, phone) belongs to one session that
//! still routes.
//!
//! Deliberately not here: choosing a number (`routing::allot`). The table's key has the last word, whoever writes.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::SqliteConnection;

use super::cell::{Cell, Query, digits};
use super::declared;
use super::error::{Conflict, StoreError};
use super::insert::Insert;
use crate::domain::{
    E164, Location, MaskingNumber, Moment, Number, NumberState, Phase, Session, Tenant, WorkOrder, WorkOrderStatus,
};

static PAIRS: Insert = Insert::new("session_pairs", &["number", "phone", "tenant", "session"], OWN_STAYS);

/// Counts the pairs that are new or were this session's already.
const OWN_STAYS: &str = "ON CONFLICT (number, phone) DO UPDATE SET session = excluded.session \
     WHERE session_pairs.session = excluded.session AND session_pairs.tenant = excluded.tenant";
/// Pairs that are taken at one time.
const AT_ONCE: usize = 64;
/// Stands for whoever calls a session of one party.
const ANYBODY: i64 = 0;

/// What decides whether a session still routes: its job, its location's grace, and its number.
#[derive(Default)]
struct Circumstances {
    default_grace: u16,
    jobs: HashMap<String, WorkOrderStatus>,
    grace: HashMap<String, u16>,
    numbers: HashMap<MaskingNumber, Number>,
}

impl Circumstances {
    /// Reads what these sessions depend on, as it is stored at this point of the transaction.
    async fn of(conn: &mut SqliteConnection, tenant: &Tenant, sessions: &[Session]) -> Result<Self, StoreError> {
        let mut known = Self::default();
        let id = tenant.id.as_str();
        let distinct = |cells: BTreeMap<String, Cell>| cells.into_values().collect::<Vec<_>>();
        let jobs = sessions.iter().filter_map(Session::work_order);
        let jobs = distinct(jobs.map(|job| (job.to_string(), Cell::text(job.as_str()))).collect());
        for job in declared::of_ids::<WorkOrder>(conn, id, &jobs, None).await? {
            known.jobs.insert(job.id.to_string(), job.status);
        }
        let numbers = sessions.iter().map(|session| (session.number.to_string(), Cell::Number(session.number)));
        for number in declared::of_ids::<Number>(conn, id, &distinct(numbers.collect()), None).await? {
            known.numbers.insert(number.e164, number);
        }
        declared::all(conn, Some(id), None, |location: Location| {
            if tenant.default_location.as_ref() == Some(&location.id) {
                known.default_grace = location.masking.grace_window_days;
            }
            known.grace.insert(location.id.to_string(), location.masking.grace_window_days);
        })
        .await?;
        Ok(known)
    }

    /// Whether a session holds its phones at an instant.
    fn holds(&self, session: &Session, now: Moment) -> bool {
        let number = self.numbers.get(&session.number);
        let location = session.location.as_ref().or_else(|| number.and_then(|number| number.location.as_ref()));
        let grace =
            location.and_then(|location| self.grace.get(location.as_str())).copied().unwrap_or(self.default_grace);
        let job = session.work_order().and_then(|job| self.jobs.get(job.as_str())).copied();
        match session.phase(job, grace, now) {
            Phase::Live => true,
            Phase::Grace => number.is_none_or(|number| match number.state {
                NumberState::Available | NumberState::Assigned => true,
                NumberState::Released { .. } | NumberState::Retired => false,
            }),
            Phase::NotYet | Phase::Over { .. } => false,
        }
    }

    /// What a session holds while it routes. A technician's own number has many customers behind it, so there the
    /// technician's side is nobody's alone.
    fn pairs<'a>(&self, session: &'a Session) -> Vec<Pair<'a>> {
        let of_technician = self.numbers.get(&session.number).is_some_and(|number| number.technician.is_some());
        let (first, second) = (session.first_party.map(digits), session.second_party.map(digits));
        let phones = match (first, second) {
            (_, second) if of_technician => second.into_iter().collect(),
            (Some(first), Some(second)) if first == second => vec![first],
            (Some(first), Some(second)) => vec![first, second],
            (Some(one), None) | (None, Some(one)) => vec![one, ANYBODY],
            (None, None) => Vec::new(),
        };
        let number = digits(session.number.e164());
        phones.into_iter().map(|phone| Pair { number, phone, session }).collect()
    }
}

/// A phone on a number, and the session that wants it.
struct Pair<'a> {
    number: i64,
    phone: i64,
    session: &'a Session,
}

impl Pair<'_> {
    fn key(&self) -> (i64, i64, &str) {
        (self.number, self.phone, self.session.id.as_str())
    }

    fn bind(query: Query, pair: &Self) -> Query {
        let session = pair.session;
        query.bind(pair.number).bind(pair.phone).bind(session.tenant.as_str()).bind(session.id.as_str())
    }
}

/// Makes the pairs what these sessions, just written, make of them; `before` are their earlier states. Sessions that are
/// over let go; a pair whose holder is over by now is freed; one that is held by another session is a conflict.
pub(super) async fn settle(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    before: &[Session],
    sessions: &[Session],
    now: Moment,
) -> Result<Vec<Conflict>, StoreError> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let known = Circumstances::of(conn, tenant, sessions).await?;
    let wanted: Vec<Pair<'_>> =
        sessions.iter().filter(|session| known.holds(session, now)).flat_map(|session| known.pairs(session)).collect();
    let kept: HashSet<(i64, i64, &str)> = wanted.iter().map(|pair| pair.key()).collect();
    for session in before {
        for phone in [session.first_party.map(digits), session.second_party.map(digits), Some(ANYBODY)] {
            let Some(phone) = phone else { continue };
            let pair = Pair { number: digits(session.number.e164()), phone, session };
            if !kept.contains(&pair.key()) {
                free(conn, &pair, session.id.as_str()).await?;
            }
        }
    }
    let mut conflicts = Vec::new();
    for part in wanted.chunks(AT_ONCE) {
        if PAIRS.run(conn, part, Pair::bind).await? < part.len() as u64 {
            for pair in part {
                conflicts.extend(claim(conn, tenant, pair, now).await?);
            }
        }
    }
    Ok(conflicts)
}

/// Takes one pair that somebody may hold.
async fn claim(
    conn: &mut SqliteConnection,
    tenant: &Tenant,
    pair: &Pair<'_>,
    now: Moment,
) -> Result<Option<Conflict>, StoreError> {
    let Pair { number, phone, session } = *pair;
    let sql = "SELECT tenant, session FROM session_pairs WHERE number = $1 AND phone = $2";
    let query = sqlx::query_as::<_, (String, String)>(sql).bind(number).bind(phone);
    let (of, holder) = query.fetch_one(&mut *conn).await?;
    if of == tenant.id.as_str() && holder == session.id.as_str() {
        return Ok(None);
    }
    // A number has one tenant: what another one left behind on it holds nothing.
    if of == tenant.id.as_str() {
        let found = declared::of_ids::<Session>(conn, &of, &[Cell::text(&holder)], None).await?;
        let known = Circumstances::of(conn, tenant, &found).await?;
        if found.iter().any(|other| other.number == session.number && known.holds(other, now)) {
            let phone = u64::try_from(phone).ok().and_then(E164::from_digits);
            return Ok(Some(Conflict::Pair {
                session: session.id.to_string(),
                number: session.number.e164().masked().to_string(),
                phone: phone.map_or_else(|| "anybody".to_owned(), |phone| phone.masked().to_string()),
                holder,
            }));
        }
    }
    free(conn, pair, &holder).await?;
    PAIRS.run(conn, std::slice::from_ref(pair), Pair::bind).await?;
    Ok(None)
}

/// Takes a pair away from whoever held it.
async fn free(conn: &mut SqliteConnection, pair: &Pair<'_>, holder: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM session_pairs WHERE number = $1 AND phone = $2 AND session = $3";
    sqlx::query(sql).bind(pair.number).bind(pair.phone).bind(holder).execute(conn).await?;
    Ok(())
}
