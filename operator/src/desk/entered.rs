//! Breaches that people have entered and that are about no single edge: remembered by the name of their Incident.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_api::IncidentSpec;
use landfall_transfer_law::AgreementId;
use serde::{Deserialize, Serialize};

use super::{Agreed, DecisionRecord, Subject, Terms};

/// What people have written of a breach that is about no edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entered {
    /// Namespace of the Incident, which is that of its agreement.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What they have written, as it was read last.
    pub written: IncidentSpec,
    /// What the agreement says of breaches, as it was in force last.
    #[serde(default)]
    pub terms: Option<Arc<Terms>>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct AllEntered(BTreeMap<(String, String), Entered>);

impl AllEntered {
    pub(super) fn all(&self) -> impl Iterator<Item = &Entered> {
        self.0.values()
    }

    pub(super) fn restore(&mut self, entered: Entered) {
        self.0.insert((entered.namespace.clone(), entered.name.clone()), entered);
    }

    /// Takes note of what is agreed now; gives those to which that is news.
    pub(super) fn agree(&mut self, agreed: &Agreed) -> Vec<Entered> {
        self.0.values_mut().filter_map(|entered| entered.agree(agreed).then(|| entered.clone())).collect()
    }

    /// Takes what a person wrote; `None` if that was known.
    pub(super) fn enter(
        &mut self,
        namespace: String,
        name: String,
        written: IncidentSpec,
        agreed: &Agreed,
        now: Timestamp,
    ) -> Option<(Entered, Option<DecisionRecord>)> {
        let key = (namespace.clone(), name.clone());
        let before = self.0.remove(&key);
        if let Some(known) = before.as_ref().filter(|known| known.written == written) {
            self.0.insert(key, known.clone());
            return None;
        }
        let subject = Subject::incident(namespace.clone(), name.clone());
        let change = (before.as_ref().map(|before| &before.written), &written);
        // The program opens none that is about no edge.
        let record = DecisionRecord::of(subject, None, change, false, now);
        let mut entered = Entered { namespace, name, written, terms: before.and_then(|before| before.terms) };
        entered.agree(agreed);
        self.0.insert(key, entered.clone());
        Some((entered, record))
    }
}

impl Entered {
    /// Takes note of what is agreed now; whether that is news.
    fn agree(&mut self, agreed: &Agreed) -> bool {
        let id = AgreementId { namespace: self.namespace.clone(), name: self.written.agreement_ref.name.clone() };
        let news = agreed.news(&id, self.terms.as_ref());
        let is_news = news.is_some();
        self.terms = news.or(self.terms.take());
        is_news
    }
}
