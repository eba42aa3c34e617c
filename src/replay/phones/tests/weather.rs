//! What the network does to requests and replies (wire.md A.4), and the rules of asking.
//!
//! Deliberately not here: what the requests say.

use std::time::Duration;

use super::scene::{
    OURS, answers, leaves, nothing, of, party, play, play_with, presses, rented, scene, seconds, statuses, xml,
};
use crate::domain::Moment;
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Script, Speaks, Weather};
use crate::replay::phones::{Network, What};

const DIAL: &str = r#"<Response><Dial callerId="+13125550190" action="dialed">
  <Number url="whisper" statusCallback="leg" statusCallbackEvent="initiated ringing answered completed">+13125550123</Number>
</Dial></Response>"#;
const PAGES: [(&str, &str); 4] = [
    ("/voice", DIAL),
    ("/whisper", "<Response><Say>Hello.</Say></Response>"),
    ("/dialed", "<Response/>"),
    ("/voice/fallback", "<Response><Say>Sorry.</Say></Response>"),
];

fn in_weather(seed: u64, weather: Weather) -> Script {
    let mut script = scene(Manner::default(), answers(leaves(HangUp::AfterBridge(seconds(5)))));
    (script.seed, script.weather) = (seed, weather);
    script
}

#[test]
fn a_copy_comes_right_after_and_must_be_answered_the_same() {
    let weather = Weather { duplicate_every: Some(1), ..Weather::default() };
    let told = play(in_weather(7, weather), &PAGES);
    assert!(told.asks.len() > 8 && told.asks.len() % 2 == 0);
    for pair in told.asks.chunks(2) {
        assert_eq!((pair[0].repeats, pair[1].repeats), (None, Some(pair[0].no)));
        assert_eq!((&pair[0].params, &pair[0].url, pair[0].at), (&pair[1].params, &pair[1].url, pair[1].at));
    }
    assert_eq!(told.asks.iter().map(|ask| ask.no).collect::<Vec<_>>(), (0..told.asks.len()).collect::<Vec<_>>());
    assert!(!told.story().iter().any(|line| line.starts_with("differed")));
    // The copy's answer has no effect, and is seen when it differs.
    let told = play_with(in_weather(7, Weather { duplicate_every: Some(2), ..Weather::default() }), |ask| {
        if ask.repeats.is_some() { xml("<Response><Hangup/></Response>") } else { page(&ask.url) }
    });
    assert!(told.has("bridged ana desk"));
    let repeated = told.asks.iter().filter(|ask| ask.repeats.is_some()).count();
    let originals = told.asks.len() - repeated;
    assert_eq!(repeated, originals / 2, "every second one");
    assert_eq!(told.story().iter().filter(|line| line.starts_with("differed")).count(), repeated);
}

fn page(url: &str) -> crate::replay::phones::network::Reply {
    PAGES.iter().find(|(end, _)| url.ends_with(end)).map_or_else(nothing, |page| xml(page.1))
}

#[test]
fn a_lost_reply_leads_to_the_fallback_or_ends_a_leg() {
    // A.4: read timeout → once to the fallback URL. The second document is the whisper: that leg ends.
    for (every, fallbacks, bridged, sorry) in [(1, 1, false, false), (2, 0, false, false), (3, 1, true, true)] {
        let weather = Weather { drop_reply_every: Some(every), ..Weather::default() };
        let told = play(in_weather(7, weather), &PAGES);
        assert_eq!(told.asked("/voice/fallback").len(), fallbacks, "every {every}: {:#?}", told.lines);
        assert_eq!(told.has("bridged ana desk"), bridged, "every {every}");
        assert_eq!(told.has("ana hears Sorry."), sorry, "every {every}");
        assert!(told.story().iter().any(|line| line.starts_with("lost")));
        assert_eq!(told.story().last(), Some(&"ana ended completed"));
    }
}

#[test]
fn requests_take_their_time() {
    let told = play(in_weather(7, Weather { delay: Duration::from_millis(400), ..Weather::default() }), &PAGES);
    assert!((told.asks[0].at.since(Moment::read("2026-03-09T14:00:00Z").expect("an instant"))).as_millis() == 400);
    assert!((told.at("bridged ana desk") - (0.4 + 1.0 + 3.0 + 0.4 + 0.4)).abs() < 0.05, "{:#?}", told.lines);
    // Slower than the provider waits (A.4: 15 s; F.1: 5 s), every reply is lost.
    for (speaks, delay, lost) in
        [(Speaks::Twilio, 14, false), (Speaks::Twilio, 15, true), (Speaks::Signalwire, 5, true)]
    {
        let mut script = in_weather(7, Weather { delay: seconds(delay), ..Weather::default() });
        script.numbers = vec![rented(OURS, speaks)];
        let told = play(script, &PAGES);
        assert_eq!(told.story().iter().any(|line| line.starts_with("lost")), lost, "{speaks:?} {delay}");
    }
}

#[test]
fn statuses_come_in_any_order_where_the_weather_is_bad() {
    let mut swapped = 0;
    let mut late = 0;
    for seed in 0..20 {
        let told = play(in_weather(seed, Weather { reorder_statuses: true, ..Weather::default() }), &PAGES);
        let legs = told.asked("/leg");
        let mut all = statuses(&legs);
        swapped += usize::from(all != ["initiated", "ringing", "in-progress", "completed"]);
        all.sort();
        assert_eq!(all, ["completed", "in-progress", "initiated", "ringing"], "none is lost");
        let dialed = told.one("/dialed").no;
        late += usize::from(legs.iter().any(|ask| ask.no > dialed));
        assert!(told.asks.windows(2).all(|pair| pair[0].at <= pair[1].at), "time does not go backwards");
    }
    assert!(swapped > 5 && late > 5, "{swapped} swapped, {late} after the request that they precede");
    let told = play(in_weather(3, Weather::default()), &PAGES);
    assert_eq!(statuses(&told.asked("/leg")), ["initiated", "ringing", "in-progress", "completed"]);
    let order = |end| told.one(end).no;
    assert!(told.asked("/leg").iter().all(|ask| ask.no < order("/dialed")), "in good weather they come first");
}

#[test]
fn several_calls_run_at_once() {
    let mut script = in_weather(7, Weather::default());
    let mut ben = party("ben", "+13125550105", Vec::new());
    for after in [0, 2] {
        let dials = Begins::Dials { number: OURS.to_owned(), manner: Manner::default() };
        ben.acts.push(Act { after: seconds(after), what: dials });
    }
    let texts = Begins::Texts { number: OURS.to_owned(), words: "Hi".to_owned(), media: 0 };
    ben.acts.push(Act { after: seconds(1), what: texts });
    script.parties.push(ben);
    let told = play(script, &PAGES);
    assert_eq!(told.asks.iter().map(|ask| ask.thread).max(), Some(3));
    assert_eq!(told.story().iter().filter(|line| line.starts_with("bridged")).count(), 3);
    let first: Vec<_> = told.asked("acme/voice").iter().map(|ask| ask.thread).collect();
    assert_eq!(first, [0, 1, 3], "counted in the order begun");
    let mut sids: Vec<_> = told.asked("acme/voice").iter().map(|ask| of(ask, "CallSid").map(str::to_owned)).collect();
    sids.dedup();
    assert_eq!(sids.len(), 3);
}

#[test]
fn somebody_may_join_while_it_runs_and_time_may_stop_in_between() {
    let mut script = in_weather(7, Weather::default());
    let start = script.start;
    script.parties[0].acts.clear();
    let mut network = Network::new(script);
    assert_eq!((network.due(), network.next()), (None, None), "nobody does anything");
    let mut ben = party("ben", "+13125550105", Vec::new());
    let dials = Begins::Dials { number: OURS.to_owned(), manner: presses(&[]) };
    ben.acts.push(Act { after: seconds(4), what: dials });
    network.join(ben.clone());
    assert_eq!(network.due(), Some(start.plus(seconds(4))));
    assert_eq!(network.next_until(start.plus(seconds(3))), None, "not yet");
    let ask = network.next_until(start.plus(seconds(4))).expect("a call");
    assert_eq!((ask.at, ask.thread), (start.plus(seconds(4)), 0));
    network.answer(&xml("<Response><Pause length=\"5\"/></Response>"));
    assert_eq!(network.due(), Some(start.plus(seconds(9))));
    network.join(ben);
    let mut threads = 0;
    while let Some(ask) = network.next() {
        threads = threads.max(ask.thread);
        network.answer(&page(&ask.url));
    }
    assert_eq!(threads, 1, "whoever is there already begins more");
    assert_eq!(network.due(), None);
    assert!(
        network
            .log()
            .iter()
            .any(|happening| matches!(&happening.what, What::Bridged { caller, .. } if caller == "ben"))
    );
}

#[test]
fn a_number_that_we_do_not_rent_is_nothing_to_us() {
    let mut script = in_weather(7, Weather::default());
    script.numbers.clear();
    let told = play(script, &PAGES);
    assert_eq!((told.asks.len(), told.story().last()), (0, Some(&"ana ended failed")));
}
