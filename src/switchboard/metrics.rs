//! What is counted and timed, in Prometheus' text format.
//!
//! Deliberately not here: labels without bound. No number, name or id of a call is one.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// A webhook by step and answer.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct Answered {
    /// The path behind the account.
    pub step: &'static str,
    /// HTTP status.
    pub status: u16,
}

/// Something by its reason.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct Because {
    /// The reason's word.
    pub reason: &'static str,
}

/// Something asked of providers, by its kind.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct OfKind {
    /// The kind's word.
    pub kind: &'static str,
}

/// All metrics.
pub struct Metrics {
    registry: Registry,
    /// Webhooks answered.
    pub webhooks: Family<Answered, Counter>,
    /// Requests refused or let through with a wrong signature.
    pub refused: Family<Because, Counter>,
    /// Requests that could not be read.
    pub unreadable: Family<Because, Counter>,
    /// Repeats answered with the first answer.
    pub repeats: Counter,
    /// Answers from a lower rung of the ladder.
    pub ladder: Family<Because, Counter>,
    /// Answers given before their entry was in the database.
    pub waiting: Counter,
    /// 1 while the database cannot be written.
    pub degraded: Gauge,
    /// Tries of deliveries, by what they came to.
    pub deliveries: Family<Because, Counter>,
    /// Deliveries that wait to be sent.
    pub deliveries_waiting: Gauge,
    /// Deliveries that were given up and are still kept.
    pub deliveries_dead: Gauge,
    /// What is to be asked of providers.
    pub jobs_waiting: Family<OfKind, Gauge>,
    /// What was to be asked of providers, was given up, and is still kept.
    pub jobs_dead: Family<OfKind, Gauge>,
    /// Seconds from the request's arrival to its answer.
    pub seconds: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hookswitch");
        let buckets = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
        let metrics = Self {
            webhooks: Family::default(),
            refused: Family::default(),
            unreadable: Family::default(),
            repeats: Counter::default(),
            ladder: Family::default(),
            waiting: Counter::default(),
            degraded: Gauge::default(),
            deliveries: Family::default(),
            deliveries_waiting: Gauge::default(),
            deliveries_dead: Gauge::default(),
            jobs_waiting: Family::default(),
            jobs_dead: Family::default(),
            seconds: Histogram::new(buckets),
            registry: Registry::default(),
        };
        registry.register("webhooks", "Webhooks answered, by step and status", metrics.webhooks.clone());
        registry.register("signature_failures", "Requests with a wrong signature", metrics.refused.clone());
        registry.register("unreadable", "Requests that could not be read", metrics.unreadable.clone());
        registry.register("repeats", "Repeated deliveries", metrics.repeats.clone());
        registry.register("ladder", "Answers from a lower rung", metrics.ladder.clone());
        registry.register("answered_unwritten", "Answers given before their commit", metrics.waiting.clone());
        registry.register("degraded", "1 while the database cannot be written", metrics.degraded.clone());
        registry.register("deliveries", "Tries of deliveries, by outcome", metrics.deliveries.clone());
        registry.register("deliveries_waiting", "Deliveries to be sent", metrics.deliveries_waiting.clone());
        registry.register("deliveries_dead", "Deliveries given up", metrics.deliveries_dead.clone());
        registry.register("provider_jobs_waiting", "To be asked of providers, by kind", metrics.jobs_waiting.clone());
        registry.register("provider_jobs_dead", "Given up asking of providers, by kind", metrics.jobs_dead.clone());
        registry.register_with_unit("webhook", "Time to answer", Unit::Seconds, metrics.seconds.clone());
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// The metrics as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}
