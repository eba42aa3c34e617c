//! The stage: scenes are played in real time against the demo's own server, over signed HTTP, several at once, for ever.
//!
//! Deliberately not here: what the phone network does (`replay::phones`). **Invariant:** memory is bounded: each scene has
//! a network of its own that goes when it is over, and after some hundreds of scenes the world begins anew.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::cast::{Cast, Office};
use super::scenes::{Scene, Scenes};
use super::tale::{self, Style, Tone};
use crate::cli::output::print;
use crate::domain::{Clock, Moment};
use crate::http::SetWorld;
use crate::replay::live::Live;
use crate::replay::phones::network::Reply;
use crate::replay::phones::{Ask, Network, What};
use crate::replay::signing::Signer;
use crate::replay::simulate::play::wire;
use crate::replay::target::{Answer, Target};
use crate::switchboard::Switchboard;

/// Scenes at one time.
const AT_ONCE: usize = 8;

/// Scenes after which the world begins anew.
const RENEWED: usize = 500;

/// How long a scene may go on when the world is about to begin anew.
const LONGEST: Duration = Duration::from_secs(300);

/// Everything that a scene needs.
pub struct Stage {
    /// Who is there.
    pub cast: Cast,
    /// How requests are signed, by account.
    pub signers: BTreeMap<String, Signer>,
    /// The server, as the provider reaches it.
    pub base: String,
    /// The server.
    pub live: Live,
    /// The same, to see what it decides.
    pub board: Arc<Switchboard>,
    /// How many times as fast as life.
    pub pace: f64,
    /// How the story looks; `None` where it is not told.
    pub style: Option<Style>,
    /// Who is in a scene, or talks.
    pub busy: Mutex<BTreeSet<String>>,
}

impl Stage {
    /// Plays for ever. The error says that nobody reads the story any more, or that the world could not be renewed.
    pub async fn play(self: Arc<Self>, mut scenes: Scenes, world: &str, renew: &SetWorld) -> anyhow::Result<()> {
        let mut playing: JoinSet<anyhow::Result<()>> = JoinSet::new();
        let (mut number, mut since) = (0, 0);
        loop {
            let now = Clock::System.now();
            let room = playing.len() < AT_ONCE;
            let next = if room { scenes.next(&self.cast, &self.busy.lock().clone(), now) } else { None };
            if let Some(scene) = next {
                (number, since) = (number + 1, since + 1);
                self.busy.lock().extend(scene.with.iter().cloned());
                playing.spawn(Arc::clone(&self).scene(number, scene));
            }
            let pause = tokio::time::sleep(self.real(scenes.pause()));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    Some(done) = playing.join_next() => done??,
                }
            }
            if since == RENEWED {
                self.finish(&mut playing).await?;
                let renewed = renew(world.to_owned()).await;
                renewed.map_err(|_| anyhow::anyhow!("the world could not begin anew"))?;
                since = 0;
            }
        }
    }

    /// Lets the scenes that are on end, and cuts off one that does not.
    async fn finish(&self, playing: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
        let patience = tokio::time::sleep(self.real(LONGEST));
        tokio::pin!(patience);
        loop {
            tokio::select! {
                () = &mut patience => break,
                done = playing.join_next() => match done {
                    Some(done) => done??,
                    None => break,
                },
            }
        }
        playing.shutdown().await;
        self.busy.lock().clear();
        Ok(())
    }

    /// How long something takes in real time.
    fn real(&self, time: Duration) -> Duration {
        time.div_f64(self.pace)
    }

    async fn scene(self: Arc<Self>, number: usize, scene: Scene) -> anyhow::Result<()> {
        let Some(office) = self.cast.office(&scene.number).cloned() else { return Ok(()) };
        let mut part = Part { number, office, told: 0, why: BTreeMap::new(), talks: BTreeSet::new() };
        let done = self.act(&mut part, scene.script).await;
        let mut busy = self.busy.lock();
        for who in scene.with.iter().chain(&part.talks) {
            busy.remove(who);
        }
        done
    }

    async fn act(&self, part: &mut Part, script: crate::replay::phones::Script) -> anyhow::Result<()> {
        let (began, start) = (Instant::now(), script.start);
        let mut network = Network::new(script);
        while let Some(due) = network.due() {
            let wait = self.real(due.since(start)).saturating_sub(began.elapsed());
            tokio::time::sleep(wait).await;
            let ask = network.next_until(due);
            self.tell(part, &network)?;
            if let Some(ask) = ask {
                let answer = match self.send(&ask).await {
                    Ok(answer) => answer,
                    // A machine that is too busy spoils a scene, not the demo.
                    Err(why) => return Ok(self.say(part, &(Tone::Bad, format!("no answer: {why}")))?),
                };
                self.tell_why(part, &ask).await?;
                let Answer { status, content_type, body } = answer;
                network.answer(&Reply { status, content_type, body });
                self.tell(part, &network)?;
            }
        }
        Ok(())
    }

    async fn send(&self, ask: &Ask) -> Result<Answer, String> {
        let wire = wire(ask, &self.signers, &self.base, false)?;
        self.live.send(&wire, ask.at).await
    }

    /// Tells what is new.
    fn tell(&self, part: &mut Part, network: &Network) -> io::Result<()> {
        for happening in network.log().iter().skip(part.told) {
            part.told += 1;
            if let What::Bridged { caller, callee } = &happening.what {
                part.talks.extend([caller.clone(), callee.clone()]);
                self.busy.lock().extend([caller.clone(), callee.clone()]);
            }
            if let Some(line) = tale::told(&happening.what) {
                self.say(part, &line)?;
            }
        }
        Ok(())
    }

    /// Tells what was decided, where that is new.
    async fn tell_why(&self, part: &mut Part, ask: &Ask) -> io::Result<()> {
        let Some(sid) = sid(ask).filter(|_| self.style.is_some()) else { return Ok(()) };
        let steps = self.board.steps(&sid).await.unwrap_or_default();
        let Some(line) = steps.last().and_then(|step| tale::why(&step.decision)) else { return Ok(()) };
        if part.why.get(&sid) == Some(&line.1) {
            return Ok(());
        }
        part.why.insert(sid, line.1.clone());
        self.say(part, &line)
    }

    fn say(&self, part: &Part, line: &(Tone, String)) -> io::Result<()> {
        match self.style {
            Some(style) => print(&style.line(now(), &part.office, part.number, line)),
            None => Ok(()),
        }
    }
}

fn now() -> Moment {
    Clock::System.now()
}

/// The call or text that a request is about: a leg's own requests are about its parent.
fn sid(ask: &Ask) -> Option<String> {
    let param = |name: &str| ask.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    param("ParentCallSid").or_else(|| param("CallSid")).or_else(|| param("MessageSid"))
}

/// One scene, as far as it was told.
struct Part {
    number: usize,
    office: Office,
    told: usize,
    /// What was last said of why, by call or text.
    why: BTreeMap<String, String>,
    talks: BTreeSet<String>,
}
