use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use landfall_observation::{AssessmentOutcome, JurisdictionSet, KeyCustody};
use serde::{Deserialize, Serialize};

/// A transfer impact assessment (C-311/18; clause 14 of the SCC; EDPB Rec. 01/2020).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The importer assessed, by legal name.
    pub importer: String,
    /// Countries assessed.
    pub countries: JurisdictionSet,
    /// Laws and practice that it rests on.
    pub laws: BTreeSet<String>,
    /// Who holds the keys.
    pub key_custody: KeyCustody,
    /// Whether the importer needs the data in the clear (use cases 6 and 7 of the Recommendations).
    pub plaintext_needed: bool,
    /// Its result.
    pub outcome: AssessmentOutcome,
    /// When it was decided.
    pub decided: Date,
    /// When it must be looked at again.
    pub next_review: Option<Date>,
    /// The development that affects it, if one does.
    pub hit: Option<Hit>,
}

/// A development that changed what an assessment rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Name of the development.
    pub development: String,
    /// From when the assessment is no longer valid as it is.
    pub from: Timestamp,
    /// Whether it now comes to the result that the transfer must end; else it must be made again.
    pub must_end: bool,
}
