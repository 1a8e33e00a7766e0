use prometheus::proto::{MetricFamily, MetricType};

use super::*;
use crate::{
    decode::{Decoded, Decoder},
    source::{Frame, LinkType},
};

/// Every family, with a value.
pub(super) fn families() -> Vec<MetricFamily> {
    let metrics = Metrics::new().unwrap();
    #[cfg(feature = "kafka")]
    BusMetrics::register(metrics.registry(), vec!["*".to_owned()]).unwrap().show_all();
    metrics.registry().gather()
}

#[test]
fn names_and_labels_are_as_prometheus_has_them() {
    for family in families() {
        let name = family.name();
        assert!(name.starts_with("landfall_agent_"), "{name}");
        assert_eq!(name.ends_with("_total"), family.get_field_type() == MetricType::COUNTER, "{name}");
        assert!(!family.help().is_empty() && !family.help().ends_with('.'), "{name}");
    }
}

#[test]
fn reasons_of_refusals_are_bounded() {
    let metrics = Metrics::new().unwrap();
    for word in 0..1000 {
        metrics.ship.refused(&format!("Reason{word}"));
    }
    for odd in ["", "two words", "a\nb", &"x".repeat(65)] {
        metrics.ship.refused(odd);
    }
    let families = metrics.registry().gather();
    let refused = families.iter().find(|family| family.name() == "landfall_agent_ship_refused_total").unwrap();
    assert_eq!(refused.get_metric().len(), MAX_REASONS + 1);
    let sum: f64 = refused.get_metric().iter().map(|metric| metric.get_counter().get_value()).sum();
    assert!((sum - 1004.0).abs() < 0.1, "{sum}");
}

#[test]
fn frames_without_ip_are_labelled_by_names_of_the_list_only() {
    let metrics = Metrics::new().unwrap();
    let mut decoder = Decoder::new();
    let mut take = |kind: u16| {
        let data = [&[2; 12], &kind.to_be_bytes()[..], &[0; 46]].concat();
        let frame = Frame { at: jiff::Timestamp::UNIX_EPOCH, link: LinkType::Ethernet, original_len: 60, data: &data };
        assert!(matches!(decoder.decode(&frame), Decoded::NotIp(_)));
    };
    (0x1000..0x1100).chain([0x0806, 0x0806, 0x88cc]).for_each(&mut take);
    // Totals replace the counters, they are not added.
    metrics.capture.count_not_ip(decoder.not_ip());
    metrics.capture.count_not_ip(decoder.not_ip());
    let families = metrics.registry().gather();
    let family = families.iter().find(|family| family.name() == "landfall_agent_not_ip_frames_total").unwrap();
    let counts: Vec<_> = family
        .get_metric()
        .iter()
        .map(|metric| format!("{} {}", metric.get_label()[0].value(), metric.get_counter().get_value()))
        .collect();
    assert_eq!(counts, ["ARP 2", "LLDP 1", "other 256"]);
}
