use jiff::Timestamp;
use landfall_observation::Jurisdiction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Fact,
    schema::{HostText, JurisdictionText, ShortText},
};

/// Where brokers are, and who runs them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "(has(self.hosts) && size(self.hosts) > 0) || (has(self.ids) && size(self.ids) > 0) \
|| (has(self.racks) && size(self.racks) > 0)",
        "message": "expected at least one of hosts, ids or racks",
    },
    {
        "rule": "!has(self.from) || !has(self.until) || self.from < self.until",
        "message": "expected until after from",
        "fieldPath": ".until",
    },
]))]
pub struct BrokerPlace {
    /// Name, unique within the bus.
    #[schemars(length(min = 1, max = 63))]
    pub name: String,
    /// Hosts that the brokers advertise, or `*.` and a suffix. A broker fits if its host, its number or its rack does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<HostText>", length(max = 128), extend("x-kubernetes-list-type" = "set"))]
    pub hosts: Vec<String>,
    /// Numbers of the brokers (`node.id`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(range(min = 0)), extend("x-kubernetes-list-type" = "set"))]
    pub ids: Vec<i32>,
    /// Racks of the brokers (`broker.rack`), such as zones of a cloud.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ShortText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub racks: Vec<String>,
    /// The legal entity that runs them: the processor, a registered recipient or one of its sub-processors, by the full
    /// name that the register has.
    #[schemars(with = "ShortText")]
    pub operator: String,
    /// The country in which they are.
    #[schemars(with = "Fact<JurisdictionText>")]
    pub place: Fact<Jurisdiction>,
    /// Since when it holds; absent: always. A move is a new entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when it holds, exclusive; absent: for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
