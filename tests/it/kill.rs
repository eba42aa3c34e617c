//! The program is killed at any moment, stopped, and told to read its rules again: nothing that it acknowledged is lost,
//! nothing happens twice, and it is ready again at once.
//!
//! Deliberately not here: a database that fails (`outage`).

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sqlx::{Row, SqliteConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::faults::stranger;
use crate::flows::{BRIDGED, TALKED, TEXTED};
use crate::program::{Home, Program};
use crate::support::{BASE, always_open, encode, unlimited};
use crate::wire::{self, Answer};

/// Kills.
const ROUNDS: usize = 5;

/// Calls and texts of one round.
const AT_ONCE: usize = 20;

/// One call or text, played by a provider that tries again.
struct Chain {
    sid: String,
    text: bool,
    acknowledged: Vec<(Vec<u8>, Answer)>,
    document: String,
}

impl Chain {
    fn new(no: usize) -> Self {
        let text = no % 4 == 3;
        let sid = format!("{}{no:032}", if text { "SM" } else { "CA" });
        Self { sid, text, acknowledged: Vec::new(), document: String::new() }
    }

    fn over(&self) -> bool {
        self.acknowledged.len() == if self.text { 1 } else { 4 }
    }

    /// The next webhook.
    fn next(&self) -> Vec<u8> {
        let sid = self.sid.as_str();
        if self.text {
            let form = [("MessageSid", sid), ("From", "+16025550144"), ("To", "+16025550190"), ("Body", "On my way")];
            return wire::signed("sms", encode(&form).as_bytes());
        }
        let child = format!("{sid}-child");
        let mut form = vec![("From", "+13125550101"), ("To", "+13125550190")];
        let path = match self.acknowledged.len() {
            0 => {
                form.extend([("CallSid", sid), ("CallStatus", "ringing")]);
                "voice".to_owned()
            }
            1 => {
                form.extend([("CallSid", child.as_str()), ("ParentCallSid", sid), ("CallStatus", "in-progress")]);
                self.link("whisper")
            }
            2 => {
                form.extend([("CallSid", child.as_str()), ("ParentCallSid", sid), ("Digits", "1")]);
                self.link("accept")
            }
            _ => {
                form.extend([("CallSid", sid), ("DialCallStatus", "completed"), ("DialBridged", "true")]);
                self.link("dialed")
            }
        };
        wire::signed(&path, encode(&form).as_bytes())
    }

    /// The first address of this step in what was answered so far.
    fn link(&self, step: &str) -> String {
        let prefix = format!("{BASE}/webhooks/acme-twilio/");
        let wanted = format!("voice/{step}?");
        let found = self.document.split(&prefix).find(|rest| rest.starts_with(&wanted));
        let found = found.and_then(|rest| rest.split('"').next());
        found.unwrap_or_else(|| panic!("no {step} in {}", self.document)).to_owned()
    }

    /// Plays on until it is over or the server is gone.
    async fn play(mut self, to: SocketAddr) -> Self {
        while !self.over() {
            let request = self.next();
            let Ok(answer) = wire::send(to, &request).await else { break };
            assert_eq!(answer.status, 200, "{}", answer.head);
            self.document.push_str(&answer.text().replace("&amp;", "&"));
            self.acknowledged.push((request, answer));
        }
        self
    }

    async fn repeated(&self, to: SocketAddr) -> io::Result<()> {
        for (request, answer) in &self.acknowledged {
            let again = wire::send(to, request).await?;
            assert_eq!(again.text(), answer.text(), "a repeat after the kill gets the same bytes");
        }
        Ok(())
    }
}

async fn play_all(chains: Vec<Chain>, to: SocketAddr) -> Vec<Chain> {
    let playing: JoinSet<Chain> = chains.into_iter().map(|chain| chain.play(to)).collect();
    playing.join_all().await
}

/// How many webhooks of each call and text are written down, looked at from outside.
async fn written(home: &Home) -> BTreeMap<String, usize> {
    let mut conn = stranger(&home.database()).await;
    let sql = "SELECT i.sid, count(*) FROM interactions i JOIN journal j ON j.interaction = i.id GROUP BY i.sid";
    let rows = sqlx::query(sql).fetch_all(&mut conn).await.expect("readable");
    rows.iter().map(|row| (row.get(0), usize::try_from(row.get::<i64, _>(1)).expect("few"))).collect()
}

/// The kinds of the effects of every call and text, in order.
async fn effects(conn: &mut SqliteConnection) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT i.sid, e.kind FROM interactions i JOIN interaction_events e ON e.interaction = i.id \
         ORDER BY e.seq, e.rank";
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in sqlx::query(sql).fetch_all(conn).await.expect("readable") {
        found.entry(row.get(0)).or_default().push(row.get(1));
    }
    found
}

async fn one<T>(conn: &mut SqliteConnection, sql: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
{
    sqlx::query_scalar(sql).fetch_one(conn).await.expect(sql)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_loses_nothing_and_doubles_nothing() {
    let home = Home::with(&always_open(&unlimited()));
    let mut chains: Vec<Chain> = Vec::new();
    for round in 0..ROUNDS {
        let program = home.start(&[]).await;
        println!("ready after {:?}", program.ready_after);
        for chain in &chains {
            chain.repeated(program.address).await.expect("it answers");
        }
        chains.extend((0..AT_ONCE).map(|no| Chain::new(round * AT_ONCE + no)));
        let address = program.address;
        let playing = tokio::spawn(play_all(chains, address));
        // Any moment: the numbers of the process differ from run to run.
        let moment = (std::process::id() as usize * 7919 + round * 104_743) % 230;
        tokio::time::sleep(Duration::from_millis(20 + moment as u64)).await;
        program.kill();
        chains = playing.await.expect("every answer was right");
        // Before anybody could make good what is missing.
        let (written, spilled) = (written(&home).await, home.spilled());
        for chain in chains.iter().filter(|_| spilled == 0) {
            let kept = written.get(&chain.sid).copied().unwrap_or(0);
            let acknowledged = chain.acknowledged.len();
            assert!(kept >= acknowledged, "{}: {acknowledged} acknowledged, {kept} written", chain.sid);
        }
        println!(
            "killed after {moment} ms: {} acknowledged",
            chains.iter().map(|c| c.acknowledged.len()).sum::<usize>()
        );
    }
    let program = home.start(&[]).await;
    let mut chains = play_all(chains, program.address).await;
    chains.sort_by(|a, b| a.sid.cmp(&b.sid));
    assert!(chains.iter().all(Chain::over), "everything comes to its end");
    for chain in &chains {
        chain.repeated(program.address).await.expect("it answers");
        let (_, last) = chain.acknowledged.get(2).unwrap_or(&chain.acknowledged[0]);
        assert!(chain.text || last.text() == BRIDGED);
    }
    program.stop().await;

    let mut conn = stranger(&home.database()).await;
    assert_eq!(one::<String>(&mut conn, "PRAGMA integrity_check").await, "ok");
    let effects = effects(&mut conn).await;
    assert_eq!(effects.len(), chains.len());
    for chain in &chains {
        let expected: &[&str] = if chain.text { &TEXTED } else { &TALKED };
        assert_eq!(effects[&chain.sid], expected, "{}: each effect once", chain.sid);
    }
    let rows: i64 = one(&mut conn, "SELECT count(*) FROM journal").await;
    let asked: usize = chains.iter().map(|chain| chain.acknowledged.len()).sum();
    assert_eq!(usize::try_from(rows).expect("few"), asked, "each webhook once");
    let half =
        "SELECT count(*) FROM claims c LEFT JOIN journal j ON j.seq = c.seq AND j.claim = c.key WHERE j.seq IS NULL";
    assert_eq!(one::<i64>(&mut conn, half).await, 0, "no claim is half done");
    assert_eq!(home.spilled(), 0, "nothing waits");
}

#[tokio::test]
async fn a_server_that_is_stopped_answers_what_it_was_asked() {
    let home = Home::with(&always_open(&unlimited()));
    let program = home.start(&[]).await;
    let chain = Chain::new(0);
    let request = chain.next();
    let (head, tail) = request.split_at(request.len() - 20);
    let mut socket = TcpStream::connect(program.address).await.expect("a connection");
    socket.write_all(head).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(100)).await;
    program.signal("TERM");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let late = TcpStream::connect(program.address).await;
    assert!(late.is_err(), "nobody new is let in");
    socket.write_all(tail).await.expect("sent");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8(answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("<Dial"), "{answer}");
    let status = program.ended(Duration::from_secs(20)).await;
    assert_eq!(status.code(), Some(0));

    let program = home.start(&[]).await;
    let again = wire::send(program.address, &request).await.expect("an answer");
    assert!(answer.ends_with(again.text()), "what was answered last was written down");
    program.stop().await;
}

/// What a stranger hears who calls the Chicago number.
async fn greeting(program: &Program, no: usize) -> String {
    let sid = format!("CA{no}");
    let form = [("CallSid", sid.as_str()), ("From", "+13125550177"), ("To", "+13125550190")];
    let answer = wire::send(program.address, &wire::signed("voice", encode(&form).as_bytes())).await;
    answer.expect("an answer").text().to_owned()
}

#[tokio::test]
async fn rules_are_read_again_when_asked_and_mistakes_change_nothing() {
    let rules = always_open(&unlimited());
    let home = Home::with(&rules);
    let program = home.start(&[]).await;
    assert!(greeting(&program, 0).await.contains("You have reached"));
    let mended = rules.replace("You have reached", "This is");
    let broken = rules.replace("You have reached", "Nobody hears").replace("America/Denver", "America/Nowhere");
    for (no, text, heard, told, why) in [
        (1, rules.replace("You have reached", "You are through to"), "You are through to", "\"files\":1", "a change"),
        (2, broken, "You are through to", "was not applied", "a mistake elsewhere in the file"),
        (3, mended, "This is", "\"files\":1", "the mistake is mended"),
    ] {
        let before = home.log().matches(told).count();
        home.rules(&text);
        program.signal("HUP");
        let began = Instant::now();
        while home.log().matches(told).count() == before {
            assert!(began.elapsed() < Duration::from_secs(10), "{why}: {told:?} is not in the log:\n{}", home.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let said = greeting(&program, no).await;
        assert!(said.contains(heard), "{why}: {said}");
    }
    program.stop().await;
}
