//! Makes families and registers them.

use prometheus::{
    Error, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, core::Collector,
};

use super::SnapshotGauge;

/// Bounds of histograms of waits and work, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// Where families are registered.
pub(crate) struct Families<'a>(pub(crate) &'a Registry);

impl Families<'_> {
    pub(crate) fn counter(&self, name: &str, help: &str) -> Result<IntCounter, Error> {
        self.register(IntCounter::new(name, help)?)
    }

    pub(crate) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, Error> {
        self.register(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    pub(crate) fn gauge(&self, name: &str, help: &str) -> Result<IntGauge, Error> {
        self.register(IntGauge::new(name, help)?)
    }

    pub(crate) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, Error> {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels)?)
    }

    pub(crate) fn snapshot_gauge(&self, name: &str, help: &str, labels: &[&str]) -> Result<SnapshotGauge, Error> {
        self.gauges(name, help, labels).map(SnapshotGauge::new)
    }

    pub(crate) fn seconds(&self, name: &str, help: &str) -> Result<Histogram, Error> {
        self.register(Histogram::with_opts(HistogramOpts::new(name, help).buckets(SECONDS.to_vec()))?)
    }

    fn register<F: Collector + Clone + 'static>(&self, family: F) -> Result<F, Error> {
        self.0.register(Box::new(family.clone()))?;
        Ok(family)
    }
}
