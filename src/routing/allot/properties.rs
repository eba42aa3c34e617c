//! What holds of an allotment in any world: nothing is in its way, it is the same each time, and nothing was free before
//! the instant that is told.
//!
//! Deliberately not here: which number is liked best (`tests`).

use proptest::prelude::*;

use super::*;
use crate::domain::{EndedBy, Session, SessionState, WorkOrderStatus};
use crate::rules::file;
use crate::rules::ruleset::Ruleset;

/// An office with five numbers, and another one.
const WORLD: &str = r#"
[tenant]
id = "acme"
default_location = "chicago"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "t"
sandbox = true
[[location]]
id = "chicago"
[[location]]
id = "boston"
[[technician]]
id = "t0"
phone = "+13125550144"
[[technician]]
id = "t1"
phone = "+13125550145"
[[work_order]]
id = "j0"
[[work_order]]
id = "j1"
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+13125550191"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+13125550192"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+13125550193"
provider_account_id = "acme-twilio"
"#;

/// A day of these worlds.
fn day(day: i64) -> Moment {
    Moment::default().plus_days(day)
}

const NOW: i64 = 20;

fn phone(last: u64) -> Option<E164> {
    E164::from_digits(13_125_550_100 + last)
}

#[derive(Clone, Debug)]
struct Drawn {
    rules: Ruleset,
    kind: SessionKind,
    first: Option<E164>,
    second: Option<E164>,
}

fn status() -> impl Strategy<Value = WorkOrderStatus> {
    prop_oneof![
        Just(WorkOrderStatus::Open),
        (0i64..=NOW).prop_map(|at| WorkOrderStatus::Completed { at: day(at) }),
        (0i64..=NOW).prop_map(|at| WorkOrderStatus::Canceled { at: Some(day(at)) }),
    ]
}

fn kind() -> impl Strategy<Value = SessionKind> {
    let job = (prop::option::of(0..2), prop::option::of(0..2)).prop_map(|(technician, job)| SessionKind::Job {
        technician: technician.map(|n: i32| format!("t{n}").into()),
        customer: None,
        work_order: job.map(|n: i32| format!("j{n}").into()),
    });
    prop_oneof![Just(SessionKind::PlainPair), job]
}

fn state() -> impl Strategy<Value = SessionState> {
    prop_oneof![
        Just(SessionState::Live { expires_at: None }),
        (0i64..40).prop_map(|at| SessionState::Live { expires_at: Some(day(at)) }),
        (0i64..=NOW, prop::sample::select(EndedBy::ALL)).prop_map(|(at, by)| SessionState::Ended { at: day(at), by }),
    ]
}

prop_compose! {
    fn session()(
        number in 0u64..4, first in prop::option::weighted(0.9, 40u64..46), second in 0u64..4, kind in kind(), state in state(),
        started in prop::option::of(0i64..25),
    ) -> Session {
        Session {
            id: "s".into(),
            tenant: "acme".into(),
            location: None,
            number: MaskingNumber::rented(phone(90 + number).expect("a number")),
            first_party: first.and_then(phone),
            second_party: phone(second),
            kind,
            state,
            started_at: started.map(day),
            options: crate::domain::SessionOptions::default(),
        }
    }
}

prop_compose! {
    fn drawn()(
        mode in prop::sample::select(MaskingMode::ALL),
        most in 1u16..5,
        cooldown in 0u16..9,
        grace in 0u16..9,
        jobs in [status(), status()],
        sessions in prop::collection::vec(session(), 0..9),
        numbers in prop::collection::vec((0usize..4, 0usize..5, 0usize..4, 0i64..25), 4),
        kind in kind(),
        first in prop::option::weighted(0.9, 40u64..46),
        second in 0u64..4,
    ) -> Drawn {
        let mut rules = match file::read(WORLD, "f", None, &|_| None) {
            Ok((rules, _)) => rules,
            Err(mistakes) => panic!("{mistakes:#?}"),
        };
        let masking = &mut rules.locations[0].masking;
        masking.masking_mode = mode;
        masking.max_masking_numbers = most;
        masking.cooldown_days = cooldown;
        masking.grace_window_days = grace;
        for (job, status) in rules.work_orders.iter_mut().zip(jobs) {
            job.status = status;
        }
        for (number, (owner, state, place, at)) in rules.numbers.iter_mut().zip(numbers) {
            match owner {
                0 => number.technician = Some("t0".into()),
                1 => number.work_order = Some("j0".into()),
                _ => {}
            }
            number.state = match state {
                0 => NumberState::Retired,
                1 => NumberState::Released { at: day(at) },
                2 => NumberState::Assigned,
                _ => NumberState::Available,
            };
            number.location = (place == 0).then(|| "boston".into());
        }
        rules.sessions = sessions;
        for (index, session) in rules.sessions.iter_mut().enumerate() {
            session.id = format!("s{index}").into();
        }
        Drawn { rules, kind, first: first.and_then(phone), second: phone(second) }
    }
}

impl Drawn {
    fn ask(&self, now: Moment) -> Result<Allotment, Exhausted> {
        let request = Request {
            location: &self.rules.locations[0],
            kind: &self.kind,
            first: self.first,
            second: self.second,
            asks_pin: false,
            channels: Channels { voice: true, sms: true },
            geomatch: true,
            only: None,
            instead_of: None,
        };
        allot(&request, &Candidate::all(&self.rules), now)
    }

    /// Every instant at which anything may change, from now on.
    fn dates(&self) -> Vec<Moment> {
        let mut dates: Vec<Moment> = (0..80).map(|plus| day(NOW + plus)).collect();
        dates.dedup();
        dates
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn nothing_stands_in_its_way(world in drawn()) {
        let Ok(Allotment { number }) = world.ask(day(NOW)) else { return Ok(()) };
        prop_assert_eq!(Ok(Allotment { number: number.clone() }), world.ask(day(NOW)), "the same each time");
        let rules = &world.rules;
        let before = rules.numbers.iter().find(|one| one.e164 == number.e164).expect("it is the tenant's");
        prop_assert_ne!(before.state, NumberState::Retired);
        let jobs = |session: &Session| {
            rules.work_orders.iter().find(|job| Some(&job.id) == session.work_order()).map(|job| job.status)
        };
        let home = before.location.as_ref().or(rules.tenant.default_location.as_ref());
        let home = rules.location(home.expect("Chicago")).expect("a location");
        let days = |days: u16| i64::from(days);
        for session in rules.sessions.iter().filter(|session| session.number == number.e164) {
            let until = session.routes_until(jobs(session), home.masking.grace_window_days);
            let holds = until.is_none_or(|until| until > day(NOW));
            let stands = |phone: Option<E164>| {
                phone.is_some() && (session.first_party == phone || session.second_party == phone)
            };
            let own = number.technician.is_some() && session.first_party == world.first;
            prop_assert!(!holds || !stands(world.second), "{session:?}");
            prop_assert!(!holds || own || !stands(world.first), "{session:?}");
            let cools = until.is_some_and(|until| until.plus_days(days(home.masking.cooldown_days)) > day(NOW));
            let pair = [session.first_party, session.second_party];
            let same = pair == [world.first, world.second] || pair == [world.second, world.first];
            let plain = session.kind == SessionKind::PlainPair;
            prop_assert!(!cools || same || plain || !stands(world.second), "{session:?}");
        }
        if let NumberState::Released { at } = before.state {
            prop_assert!(at.plus_days(days(home.masking.cooldown_days)) <= day(NOW));
        }
        // The cap holds with it.
        let mut after = world.clone();
        for one in &mut after.rules.numbers {
            if one.e164 == number.e164 {
                *one = number.clone();
            }
        }
        let held = |rules: &Ruleset| Candidate::all(rules).iter().filter(|one| one.standing(day(NOW)).is_held()).count();
        let most = usize::from(rules.locations[0].masking.max_masking_numbers);
        prop_assert!(held(&after.rules) <= most.max(held(rules)));
    }

    #[test]
    fn the_next_is_free_when_it_is_said_and_no_sooner(world in drawn()) {
        let Err(Exhausted { next_free_at, .. }) = world.ask(day(NOW)) else { return Ok(()) };
        // Afterwards the cap may close again: what was held by then is free, and counts as new.
        for at in world.dates().into_iter().filter(|at| next_free_at.is_none_or(|next| *at <= next)) {
            let free = world.ask(at).is_ok();
            prop_assert_eq!(free, next_free_at.is_some_and(|next| next <= at), "on day {}", at.seconds() / 86_400);
        }
    }

    #[test]
    fn a_number_is_available_from_then_on(world in drawn()) {
        for one in Candidate::all(&world.rules) {
            let from = one.available_from(day(NOW));
            for at in world.dates() {
                let available = one.standing(at) == crate::routing::standing::Standing::Available;
                prop_assert_eq!(available, from.is_some_and(|from| from <= at), "{:?} {:?}", one, at);
            }
        }
    }
}
