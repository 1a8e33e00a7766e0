use std::collections::BTreeSet;

use landfall_observation::{DataCategory, JurisdictionSet, OpaqueHandling, TlsVersion};
use serde::{Deserialize, Serialize};

use crate::HoldingRule;

/// Settings of the policies that apply to an agreement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The lowest TLS version allowed, beyond what the agreement promises.
    pub minimum_tls: Option<TlsVersion>,
    /// What a flow that cannot be read counts as.
    pub opaque: OpaqueHandling,
    /// Jurisdictions allowed beyond the law's own limits; `None`: no further limit.
    pub allowed_jurisdictions: Option<JurisdictionSet>,
    /// Categories allowed beyond the agreement's own limits; `None`: no further limit.
    pub allowed_categories: Option<BTreeSet<DataCategory>>,
    /// Which sightings count as held: those that match any of these rules; without rules, all of the last 30 days.
    #[serde(default)]
    pub holding: Vec<HoldingRule>,
    /// Whether an unregistered recipient without a seen category opens an incident.
    pub incident_on_unknown: bool,
}
