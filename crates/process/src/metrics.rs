//! Metric families, registered when they are created.

mod snapshot_gauge;

use prometheus::{
    Error, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, core::Collector,
};

pub use snapshot_gauge::SnapshotGauge;

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// Creates families and registers them in a registry. A name that is already registered is an error.
#[derive(Debug, Clone, Copy)]
pub struct Families<'a>(pub &'a Registry);

impl Families<'_> {
    /// A counter.
    pub fn counter(&self, name: &str, help: &str) -> Result<IntCounter, Error> {
        self.register(IntCounter::new(name, help)?)
    }

    /// Counters, one for each combination of labels.
    pub fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, Error> {
        self.register(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    /// A gauge.
    pub fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, Error> {
        self.register(IntGauge::new(name, help)?)
    }

    /// Gauges, one for each combination of labels.
    pub fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, Error> {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels)?)
    }

    /// Gauges that expose exactly the current values.
    pub fn snapshot_gauge(&self, name: &str, help: &str, labels: &[&str]) -> Result<SnapshotGauge, Error> {
        self.gauges(name, help, labels).map(SnapshotGauge::new)
    }

    /// A histogram of durations from a millisecond to five seconds.
    pub fn seconds(&self, name: &str, help: &str) -> Result<Histogram, Error> {
        self.register(Histogram::with_opts(HistogramOpts::new(name, help).buckets(SECONDS.to_vec()))?)
    }

    fn register<F: Collector + Clone + 'static>(self, family: F) -> Result<F, Error> {
        self.0.register(Box::new(family.clone()))?;
        Ok(family)
    }
}
