//! A caller who belongs to no session: the location's rules for that, a pair's sound for strangers, the number's own
//! answer URL, the no-match action.
//!
//! Deliberately not here: strangers who may prove who they are (`routing::pin`).

use crate::domain::{CallEnd, Cue, NoMatchAction, Phase, Prompt, Route};
use crate::routing::answer::VoiceAnswer;
use crate::routing::decision::Destination;
use crate::routing::feasible;
use crate::routing::matching;
use crate::routing::pin;
use crate::routing::queue;
use crate::routing::reason::Reason;
use crate::routing::route;
use crate::routing::scene::Scene;

use super::{Step, channel_off};

impl<'w> Step<'w> {
    /// A number that cools leads to none of the first three. Somebody whose session on this number is over is no
    /// stranger: they get to the answer URL, where there is one.
    pub(super) fn no_match(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        if scene.cools_until().is_some() {
            return self.no_match_action(scene);
        }
        let office = self.stage.office.clone();
        if let Some(wish) = office.and_then(|office| route::without_session(scene, &self.found, &office)) {
            let target = feasible::target(&self.stage, None, scene.from.phone(), wish, &mut scene.why);
            return self.follow(scene, &target);
        }
        let number = scene.number.e164.e164();
        let was_party = scene.from.phone().is_some_and(|phone| !scene.world.sessions_with(number, phone).is_empty());
        match scene.number.answer_url.clone() {
            Some(url) if was_party => self.send_on(scene, url),
            answer_url => match (self.for_strangers(scene), answer_url) {
                (Some(answer), _) => answer,
                (None, Some(url)) => self.send_on(scene, url),
                (None, None) => self.no_match_action(scene),
            },
        }
    }

    /// A channel that is not masked leads nowhere; the sound of a pair is heard all the same.
    pub(super) fn not_masked(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        channel_off(scene);
        self.forget();
        match self.for_strangers(scene) {
            Some(answer) => answer,
            None => self.no_match_action(scene),
        }
    }

    fn send_on(&mut self, scene: &mut Scene<'w>, url: String) -> VoiceAnswer {
        scene.why.push(Reason::AnswerUrl);
        self.finding.destination = Destination::Redirect(url.clone());
        self.call.end = Some((scene.now, CallEnd::Redirected));
        VoiceAnswer::Redirect(url)
    }

    /// The sound that the newest of a number's pairs has for strangers, where no job takes calls there too.
    fn for_strangers(&mut self, scene: &mut Scene<'w>) -> Option<VoiceAnswer> {
        let number = scene.number.e164.e164();
        let (session, url) = scene
            .world
            .sessions_on_terms(number)
            .into_iter()
            .filter_map(|session| {
                let url = session.options.terms.as_deref()?.unknown_caller_play.clone()?;
                (matching::phase(scene, &session) == Phase::Live).then_some((session, url))
            })
            .max_by(|(a, _), (b, _)| pin::made(a).cmp(&pin::made(b)).then_with(|| a.id.cmp(&b.id)))?;
        let jobs = scene.world.sessions_of_jobs(number);
        if jobs.iter().any(|job| matches!(matching::phase(scene, job), Phase::Live | Phase::Grace)) {
            return None;
        }
        scene.why.push(Reason::UnknownCaller { session: session.id });
        self.finding.destination = Destination::Hangup;
        self.call.end = Some((scene.now, CallEnd::Refused));
        Some(VoiceAnswer::Goodbye(vec![Cue::Play(url)]))
    }

    pub(super) fn no_match_action(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        match self.stage.setting(|masking| masking.voice_no_match_action) {
            NoMatchAction::Hangup => {
                scene.why.push(Reason::NoMatchHangup);
                self.goodbye(Prompt::NoMatch)
            }
            NoMatchAction::Voicemail => {
                scene.why.push(Reason::NoMatchVoicemail);
                self.voicemail()
            }
            NoMatchAction::DispatcherQueue => {
                scene.why.push(Reason::NoMatchQueue);
                self.queue(scene)
            }
        }
    }

    pub(super) fn queue(&mut self, scene: &mut Scene<'w>) -> VoiceAnswer {
        match queue::join(&self.stage, &mut self.call) {
            Some(answer) => {
                self.finding.destination = Destination::DispatcherQueue(self.call.location.clone());
                self.finding.fallbacks = vec![Route::Voicemail];
                answer
            }
            None => {
                scene.why.push(Reason::Fallback { to: Route::Voicemail });
                self.voicemail()
            }
        }
    }
}
