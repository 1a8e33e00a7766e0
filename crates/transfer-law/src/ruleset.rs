//! The compiled register: everything that a judgment may rest on, and nothing else.

mod agreement;
mod assessment;
mod bases;
mod basis;
mod citation;
mod policy;
mod recipient;
mod scope;
mod text;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use agreement::{Activation, Agreement, AgreementId, Controller, Engagement, TlsPromise};
pub use assessment::{Assessment, Hit};
pub use bases::Bases;
pub(crate) use bases::Candidate;
pub use basis::{Approval, Basis, Instrument, Validity};
pub use citation::Citation;
pub use policy::Policy;
pub use recipient::{EndpointEntry, Entity, GrantedNotices, OnwardRecipient, Places, Recipient};
pub use scope::Scope;
pub use text::{AgreementText, Annex, Statement, Subject};

use crate::Development;

/// A map by name: hashed, because every judgment looks names up, and in a fixed order.
pub type Named<T> = IndexMap<String, T, foldhash::fast::FixedState>;

/// The compiled register.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ruleset {
    /// Hash over the objects it was compiled from, so that a judgment can name its law.
    pub version: String,
    /// The data-processing agreements.
    pub agreements: BTreeMap<AgreementId, Agreement>,
    /// The registered recipients, by name.
    pub recipients: Named<Recipient>,
    /// The transfer bases and the acts that they rest on.
    pub bases: Bases,
    /// The transfer impact assessments, by name.
    pub assessments: Named<Assessment>,
    /// The legal developments that were applied to the above, the oldest first.
    pub developments: Vec<Development>,
}
