//! All metric families of the agent: `landfall_agent_*`. `docs/metrics.md` is generated from here.
//!
//! Values of labels come from closed lists, except the operator's reasons for refusals and topics, which are bounded in
//! number, and buses, which are those of the configuration. No label names an address, a host or a workload.

#[cfg(feature = "kafka")]
mod buses;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use landfall_process::metrics::Families;
use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};

#[cfg(feature = "kafka")]
pub use self::buses::BusMetrics;
use crate::{
    decode::FrameKinds,
    fragments::FragmentCounters,
    pod_capture::{CaptureState, PodCapture},
    ship::FailureKind,
    spool::{Reason, SpoolCounters, Usage},
};

const PREFIX: &str = "landfall_agent";
/// Maximum number of reasons with a label value of their own; an operator has a few dozen.
const MAX_REASONS: usize = 64;
const OTHER: &str = "Other";
/// Label value of protocols without a name here.
const UNNAMED: &str = "other";

/// The metric families.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// The capture.
    pub capture: CaptureMetrics,
    /// The spool.
    pub spool: SpoolMetrics,
    /// Deliveries.
    pub ship: Arc<ShipMetrics>,
    /// The watch of pods.
    pub pods: PodMetrics,
    /// Which pods are captured.
    pub pod_capture: PodCaptureMetrics,
    /// 1 while the configuration file is missing or invalid; the last valid one stays in force.
    pub config_stale: IntGauge,
    /// 1 while the agent is ready (`/readyz`).
    pub ready: IntGauge,
}

/// Metrics of the capture.
#[derive(Debug, Clone)]
pub struct CaptureMetrics {
    pub(crate) interfaces: IntGauge,
    pub(crate) packets: IntCounter,
    pub(crate) bytes: IntCounter,
    pub(crate) malformed: IntCounter,
    not_ip: IntCounterVec,
    pub(crate) copies: IntCounter,
    pub(crate) dropped: IntCounter,
    pub(crate) damaged: IntCounter,
    pub(crate) flows: IntGauge,
    pub(crate) flows_opened: IntCounter,
    pub(crate) flows_evicted: IntCounter,
    pub(crate) flow_memory: IntGauge,
    pub(crate) clock_set_back: IntCounter,
    pub(crate) fragmented: IntCounterVec,
    pub(crate) names_forgotten: IntCounter,
    pub(crate) names_left_out: IntCounter,
    pub(crate) observations: IntCounter,
    pub(crate) merged: IntCounter,
    pub(crate) link_bytes: IntCounter,
    pub(crate) windows_held: IntGauge,
}

/// Metrics of the spool.
#[derive(Debug, Clone)]
pub struct SpoolMetrics {
    spooled: IntCounter,
    acknowledged: IntCounter,
    quarantined: IntCounterVec,
    not_kept: IntCounter,
    bytes: IntGauge,
    cap: IntGauge,
    records: IntGauge,
    oldest: IntGauge,
    pub(crate) writable: IntGauge,
}

/// Metrics of deliveries.
#[derive(Debug)]
pub struct ShipMetrics {
    pub(crate) batches: IntCounter,
    pub(crate) last_acknowledged: IntGauge,
    pub(crate) busy: IntCounter,
    failures: IntCounterVec,
    refused: IntCounterVec,
    reasons: Mutex<BTreeSet<String>>,
}

/// Metrics of the watch of pods.
#[derive(Debug, Clone)]
pub struct PodMetrics {
    pub(crate) pods: IntGauge,
    pub(crate) stale: IntGauge,
    pub(crate) failures: IntCounter,
    pub(crate) unattributed: IntCounter,
}

/// Metrics of what is captured.
#[derive(Debug, Clone)]
pub struct PodCaptureMetrics {
    by_capture: IntGaugeVec,
    pub(crate) unmatched: IntGauge,
}

// === impl Metrics ===

impl Metrics {
    /// All families in a registry of their own.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some(PREFIX.to_owned()), None)?;
        let families = Families(&registry);
        let metrics = Self {
            capture: CaptureMetrics::register(families)?,
            spool: SpoolMetrics::register(families)?,
            ship: Arc::new(ShipMetrics::register(families)?),
            pods: PodMetrics::register(families)?,
            pod_capture: PodCaptureMetrics::register(families)?,
            config_stale: families.gauge("config_stale", "1 while the configuration file is missing or invalid")?,
            ready: families.gauge("ready", "1 while the agent is ready (/readyz)")?,
            registry: registry.clone(),
        };
        let build = families.gauges("build_info", "Version of the agent; always 1", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(metrics)
    }

    /// Where all families are registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }
}

// === impl CaptureMetrics ===

impl CaptureMetrics {
    fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        let not_ip = families.counters(
            "not_ip_frames_total",
            "Frames without IP, by protocol; together with the packets they are all frames",
            &["protocol"],
        )?;
        not_ip.with_label_values(&[UNNAMED]);
        let metrics = Self {
            interfaces: families.gauge("interfaces", "Interfaces that are captured")?,
            packets: families.counter("packets_total", "IP packets captured")?,
            bytes: families.counter("ip_bytes_total", "Bytes of captured IP packets, by their IP lengths")?,
            malformed: families
                .counter("malformed_packets_total", "IP packets that cannot be decoded; their bytes are counted")?,
            not_ip,
            copies: families.counter(
                "copied_frames_total",
                "Frames that passed a second interface; they are counted at the first only",
            )?,
            dropped: families.counter(
                "dropped_frames_total",
                "Frames that the kernel dropped because the ring was full; their bytes are not counted",
            )?,
            damaged: families
                .counter("damaged_frames_total", "Frames in invalid blocks of the ring; their bytes are not counted")?,
            flows: families.gauge("flows", "Open flows")?,
            flows_opened: families.counter("flows_opened_total", "Flows opened")?,
            flows_evicted: families
                .counter("flows_evicted_total", "Flows that were reported early to free memory; no byte is lost")?,
            flow_memory: families.gauge("flow_memory_bytes", "Memory of the flow table")?,
            clock_set_back: families
                .counter("clock_set_back_total", "Times that the clock of the frames was set back by more than a minute")?,
            fragmented: families.counters(
                "fragmented_datagrams_total",
                "Fragmented TCP and UDP datagrams, by outcome of reassembly; the bytes of all are counted",
                &["outcome"],
            )?,
            names_forgotten: families.counter(
                "names_forgotten_total",
                "Names from DNS that were evicted before their ten minutes, to free memory",
            )?,
            names_left_out: families.counter(
                "names_left_out_total",
                "Names that were not kept because a flow, address or observation had too many",
            )?,
            observations: families.counter("observations_total", "Observations created")?,
            merged: families.counter(
                "merged_total",
                "Parts of flows that were reported without a destination, because a workload had over 500 in a minute; no byte is lost",
            )?,
            link_bytes: families.counter(
                "link_bytes_total",
                "IP bytes of link-local multicast and broadcast, which are in no observation",
            )?,
            windows_held: families.gauge(
                "windows_held",
                "1 while observations stay in memory because the spool is full or not writable",
            )?,
        };
        metrics.count_fragmented(FragmentCounters::default());
        Ok(metrics)
    }
}

impl CaptureMetrics {
    /// Sets the counters of fragmented datagrams.
    pub(crate) fn count_fragmented(&self, counters: FragmentCounters) {
        let FragmentCounters { reassembled, refused, cut, expired, evicted } = counters;
        let outcomes = [
            ("reassembled", reassembled),
            ("refused", refused),
            ("cut", cut),
            ("expired", expired),
            ("evicted", evicted),
        ];
        for (outcome, count) in outcomes {
            raise(&self.fragmented.with_label_values(&[outcome]), count);
        }
    }
}

impl CaptureMetrics {
    /// Sets the counters of frames without IP. Only named kinds, a closed list, have label values of their own.
    pub(crate) fn count_not_ip(&self, kinds: &FrameKinds) {
        let mut unnamed = kinds.other();
        for (kind, count) in kinds.by_count() {
            match kind.name() {
                Some(name) => raise(&self.not_ip.with_label_values(&[name]), count),
                None => unnamed += count,
            }
        }
        raise(&self.not_ip.with_label_values(&[UNNAMED]), unnamed);
    }
}

// === impl SpoolMetrics ===

impl SpoolMetrics {
    fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        let quarantined = families.counters(
            "quarantined_total",
            "Observations moved to the quarantine file, by reason",
            &["reason"],
        )?;
        for reason in Reason::ALL {
            quarantined.with_label_values(&[reason.as_str()]);
        }
        Ok(Self {
            spooled: families.counter("spooled_total", "Observations written to the spool")?,
            acknowledged: families.counter("acknowledged_total", "Observations that the operator acknowledged")?,
            quarantined,
            not_kept: families.counter(
                "quarantine_overflow_total",
                "Observations that were lost because the quarantine file was full",
            )?,
            bytes: families.gauge("spool_bytes", "Size of the spool on disk, in bytes")?,
            cap: families.gauge("spool_cap_bytes", "Size at which the spool is full, in bytes")?,
            records: families.gauge("spool_records", "Observations in the spool that are not acknowledged yet")?,
            oldest: families
                .gauge("spool_oldest_seconds", "Age of the oldest observation in the spool; 0 if there is none")?,
            writable: families.gauge("spool_writable", "1 if the last write to the spool succeeded")?,
        })
    }

    /// Sets the metrics of the spool.
    pub(crate) fn update(&self, counters: &SpoolCounters, usage: &Usage, cap: u64, now: jiff::Timestamp) {
        let SpoolCounters { appended, acknowledged, quarantine, not_kept } = counters;
        raise(&self.spooled, *appended);
        raise(&self.acknowledged, *acknowledged);
        raise(&self.not_kept, *not_kept);
        for (reason, count) in Reason::ALL.iter().zip(quarantine) {
            raise(&self.quarantined.with_label_values(&[reason.as_str()]), *count);
        }
        let Usage { bytes, records, oldest } = usage;
        set(&self.bytes, *bytes);
        set(&self.cap, cap);
        set(&self.records, *records);
        self.oldest.set(oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0)));
    }
}

// === impl ShipMetrics ===

impl ShipMetrics {
    fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        let failures = families.counters(
            "ship_failures_total",
            "Deliveries that failed without a valid answer, by kind of failure",
            &["kind"],
        )?;
        for kind in FailureKind::ALL {
            failures.with_label_values(&[kind.as_str()]);
        }
        let refused = families.counters(
            "ship_refused_total",
            "Deliveries that the operator refused, by its reason",
            &["reason"],
        )?;
        refused.with_label_values(&[OTHER]);
        Ok(Self {
            batches: families.counter("ship_batches_total", "Deliveries that were acknowledged at least in part")?,
            last_acknowledged: families
                .gauge("ship_last_acknowledged_timestamp_seconds", "When the operator last acknowledged a delivery")?,
            busy: families.counter("ship_busy_total", "Deliveries that the operator postponed (429, 503)")?,
            failures,
            refused,
            reasons: Mutex::default(),
        })
    }

    pub(crate) fn failed(&self, kind: FailureKind) {
        self.failures.with_label_values(&[kind.as_str()]).inc();
    }

    /// Counts a refusal by the operator's reason, if it is alphanumeric and one of the first [`MAX_REASONS`].
    pub(crate) fn refused(&self, reason: &str) {
        let is_word =
            !reason.is_empty() && reason.len() <= 64 && reason.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let mut reasons = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = is_word && (reasons.contains(reason) || reasons.len() < MAX_REASONS);
        if is_known {
            reasons.insert(reason.to_owned());
        }
        self.refused.with_label_values(&[if is_known { reason } else { OTHER }]).inc();
    }
}

// === impl PodMetrics ===

impl PodMetrics {
    fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            pods: families.gauge("pods", "Pods of the node that have an address")?,
            stale: families.gauge("pods_stale", "1 while the watch of pods fails; known pods are kept")?,
            failures: families.counter("pod_watch_failures_total", "Failures of the watch of pods")?,
            unattributed: families
                .counter("unattributed_bytes_total", "IP bytes of local addresses that belong to no pod of the node")?,
        })
    }
}

// === impl PodCaptureMetrics ===

impl PodCaptureMetrics {
    fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        let by_capture = families.gauges(
            "pods_by_capture",
            "Running pods of the node, by whether the interface that leads to them is captured (docs/networks.md)",
            &["capture"],
        )?;
        let metrics = Self {
            by_capture,
            unmatched: families
                .gauge("interface_patterns_unmatched", "Configured interfaces, names or globs, that match none")?,
        };
        metrics.update(&CaptureState::default());
        Ok(metrics)
    }

    pub(crate) fn update(&self, state: &CaptureState) {
        for capture in PodCapture::ALL {
            set(&self.by_capture.with_label_values(&[capture.as_str()]), state.count(capture) as u64);
        }
        set(&self.unmatched, state.unmatched.len() as u64);
    }
}

/// Raises a counter to a total that is counted elsewhere.
pub(crate) fn raise(counter: &IntCounter, total: u64) {
    counter.inc_by(total.saturating_sub(counter.get()));
}

/// Sets a gauge to a size.
pub(crate) fn set(gauge: &IntGauge, size: u64) {
    gauge.set(i64::try_from(size).unwrap_or(i64::MAX));
}

#[cfg(test)]
#[cfg(feature = "kafka")]
mod documentation;
#[cfg(test)]
mod tests;
