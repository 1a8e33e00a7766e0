use jiff::Timestamp;
use landfall_observation::{Certainty, DataCategory, Jurisdiction, Outcome, Rung, SeenDirection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Condition,
    schema::{CategoryText, CodeText, CountNumber, JurisdictionText, PortNumber, SentenceText, ShortText, free_form},
};

/// What is known about a transfer, and its verdict. Bounded in size, and not updated for counts alone: exact
/// figures are in the ledger and the metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferStatus {
    /// The generation of the object that this status is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub observed_generation: Option<i64>,
    /// `Ready`: it was judged under the ruleset in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Names of the TransferBases that carry it, first hop first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<ShortText>", length(max = 16))]
    pub bases: Vec<String>,
    /// What speaks against a better outcome, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub reasons: Vec<TransferReason>,
    /// What a person can obtain to improve the outcome.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub missing: Vec<MissingPiece>,
    /// On what the outcome rests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub grounds: Vec<Ground>,
    /// What is transferred, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<TransferCategories>,
    /// Where it is processed, and how sure that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<TransferLocation>,
    /// The amount of traffic when this status was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<TransferVolume>,
    /// How much of what was sent was inspected, when this status was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<TransferPayload>,
    /// What may have been missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<TransferCoverage>,
    /// Its first packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// Its last packet, when this status was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// As of which instant it was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged_at: Option<Timestamp>,
    /// The next instant at which a fact on which the verdict rests changes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds_until: Option<Timestamp>,
    /// Version of the ruleset that it was judged under.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub ruleset: Option<String>,
    /// The number of reasons, missing items, grounds, bases, categories and jurisdictions that were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub omitted: Option<u32>,
}

/// One thing that speaks against a better outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferReason {
    /// The outcome that it leads to.
    pub effect: Outcome,
    /// Its stable name, such as `UnregisteredRecipient`.
    #[schemars(with = "CodeText")]
    pub code: String,
    /// Its source in agreement and law, and what it says.
    #[serde(flatten)]
    pub ground: Ground,
}

/// Something that a person can obtain to improve the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingPiece {
    /// Its stable name, such as `Signature`.
    #[schemars(with = "CodeText")]
    pub code: String,
    /// For which entity or instrument.
    #[schemars(with = "ShortText")]
    pub subject: String,
    /// Its source in agreement and law, and what it says.
    #[serde(flatten)]
    pub ground: Ground,
}

/// The source of a statement in agreement and law, and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ground {
    /// The obligation, such as `SUB-LIST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CodeText>")]
    pub obligation: Option<String>,
    /// Line or clause of the agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub clause: Option<String>,
    /// Article or guideline.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub article: Option<String>,
    /// Name of the TransferBasis.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub instrument: Option<String>,
    /// The setting of `interpretation` that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CodeText>")]
    pub setting: Option<String>,
    /// What it says, as a code with its arguments; a client can put it into words in any language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<CodedMessage>,
    /// The same in English.
    #[schemars(with = "SentenceText")]
    pub text: String,
}

/// A code with the arguments of its message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodedMessage {
    /// The code, such as `NoBasis`.
    #[schemars(with = "CodeText")]
    pub code: String,
    /// The arguments, by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "free_form")]
    pub arguments: Map<String, Value>,
}

/// Kinds of personal data, and how they are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferCategories {
    /// The rung of the ladder: how they are known.
    pub rung: Rung,
    /// The kinds of personal data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CategoryText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub values: Vec<DataCategory>,
    /// Where and since when they had been seen before, if they are held; the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub sightings: Vec<CategorySighting>,
}

/// Where and since when a kind of personal data had been seen at the workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategorySighting {
    /// The kind of personal data.
    #[schemars(with = "CategoryText")]
    pub category: DataCategory,
    /// When it was seen there first.
    pub since: Timestamp,
    /// The direction; absent, like the fields below, if the place is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<SeenDirection>,
    /// The other party, as Transfers name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ShortText>")]
    pub recipient: Option<String>,
    /// Name of the endpoint entry, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub endpoint: Option<String>,
    /// Port of the side to which the connection was opened, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<PortNumber>")]
    pub port: Option<u16>,
}

/// Where the recipient processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransferLocation {
    /// The places that count, after evidence worsened the attested ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<JurisdictionText>", length(max = 64), extend("x-kubernetes-list-type" = "set"))]
    pub jurisdictions: Vec<Jurisdiction>,
    /// Whether the provider names no place.
    #[serde(default)]
    pub anywhere: bool,
    /// How sure that is.
    pub certainty: Certainty,
}

/// The amount of traffic of an edge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferVolume {
    /// Bytes sent to the recipient, counted: of IP packets, or of a topic's messages.
    #[schemars(with = "CountNumber")]
    pub bytes_sent: u64,
    /// Bytes received from it, counted.
    #[schemars(with = "CountNumber")]
    pub bytes_received: u64,
    /// Estimated bytes sent, such as those that a topic's consumer reads; not included above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub estimated_bytes_sent: Option<u64>,
    /// Estimated bytes received; not included above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub estimated_bytes_received: Option<u64>,
    /// Connections opened by either side, or messages.
    #[schemars(with = "CountNumber")]
    pub connections: u64,
}

/// What was sent, by whether and how the payload was inspected. The absence of findings means something only for
/// what was inspected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferPayload {
    /// IP bytes of connections whose payload was inspected.
    #[schemars(with = "CountNumber")]
    pub inspected: u64,
    /// IP bytes of plaintext connections for whose protocol there is no reader.
    #[schemars(with = "CountNumber")]
    pub plaintext_not_read: u64,
    /// IP bytes of encrypted connections, in which TLS, QUIC, SSH or the like was recognised.
    #[schemars(with = "CountNumber")]
    pub encrypted: u64,
    /// IP bytes of anything else.
    #[schemars(with = "CountNumber")]
    pub not_recognised: u64,
    /// The protocols whose readers inspected the payload, such as `http`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<CodeText>", length(max = 16), extend("x-kubernetes-list-type" = "set"))]
    pub readers: Vec<String>,
}

/// What agents may have missed of an edge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransferCoverage {
    /// Payload samples that were not inspected for lack of memory; their bytes still count.
    #[schemars(with = "CountNumber")]
    pub samples_dropped: u64,
    /// Frames whose end was cut off; their bytes still count.
    #[schemars(with = "CountNumber")]
    pub frames_truncated: u64,
    /// Whether packets of one direction only were seen of some connections: the bytes of the other direction are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_sided: bool,
}
