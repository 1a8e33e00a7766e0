//! Everything that a judgment can say, as codes with arguments.

use std::{borrow::Cow, collections::BTreeSet};

use ipnet::IpNet;
use jiff::{Timestamp, civil::Date};
use landfall_observation::{Jurisdiction, JurisdictionSet, LocationEvidence, TlsVersion};
use serde::{Deserialize, Serialize};

use super::{Asks, InstrumentEnd, Place, argument::Argument};
use crate::{CategoryList, DeclaredPrefix, Rung, SeenPlace};

/// Defines the sentences, and from the same list their conversion into owned ones and the list of codes.
macro_rules! sentences {
    (
        $(#[$meta:meta])*
        pub enum Sentence<'a> {
            $($code:ident $({ $($(#[$field_meta:meta])* $argument:ident: $type:ty),* $(,)? })?,)*
        }
    ) => {
        $(#[$meta])*
        pub enum Sentence<'a> {
            $($code $({ $($(#[$field_meta])* $argument: $type),* })?,)*
        }

        impl Sentence<'_> {
            /// The codes with the names of their arguments, in the order in which they were added.
            #[cfg(test)]
            pub(crate) const CODES: &'static [(&'static str, &'static [&'static str])] =
                &[$((stringify!($code), &[$($(stringify!($argument)),*)?])),*];

            /// The sentence with owned arguments.
            pub fn to_static(&self) -> Sentence<'static> {
                match self {
                    $(Self::$code $({ $($argument),* })? => Sentence::$code $({ $($argument: $argument.to_static()),* })?,)*
                }
            }
        }
    };
}

sentences! {
    /// Everything that a judgment can say: a code with its arguments. Records keep both for good, so that codes, and the
    /// names and meanings of their arguments, are only ever added (`testdata/codes.txt`).
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "code", content = "arguments", rename_all_fields = "camelCase")]
    #[expect(missing_docs, reason = "each is spelled out in sentence/english.rs")]
    pub enum Sentence<'a> {
        // What is judged
        AgreementUnknown {
            agreement: Cow<'a, str>,
        },
        DeclaredNotPersonal {
            reason: Cow<'a, str>,
        },
        CollectedFromDataSubject,
        OwnNetwork {
            operator: Cow<'a, str>,
            jurisdiction: Jurisdiction,
        },
        OwnBranch {
            jurisdiction: Jurisdiction,
        },
        NoConnection,
        // Who receives
        NotListed {
            recipient: Cow<'a, str>,
        },
        Unregistered {
            label: Cow<'a, str>,
            rung: Rung,
            categories: CategoryList<'a>,
            remote_access: bool,
        },
        NoCandidateListed {
            candidates: Cow<'a, [String]>,
            categories: CategoryList<'a>,
        },
        Ambiguous {
            candidates: Cow<'a, [String]>,
        },
        TooManyRecipients,
        AddressTruncated {
            address: IpNet,
            candidates: Cow<'a, [DeclaredPrefix]>,
        },
        SentToTruncated {
            address: IpNet,
            categories: CategoryList<'a>,
        },
        SentToUnregisteredAmongMany {
            categories: CategoryList<'a>,
            remote_access: bool,
        },
        OtherController {
            controller: Cow<'a, str>,
            tenants: Vec<Cow<'a, str>>,
            seen: bool,
        },
        OptionalNotActive {
            recipient: Cow<'a, str>,
        },
        OptionalWithoutNotice {
            recipient: Cow<'a, str>,
        },
        TenantUnknown {
            recipient: Cow<'a, str>,
        },
        NotActiveFor {
            recipient: Cow<'a, str>,
            tenants: Vec<Cow<'a, str>>,
        },
        ObjectionPeriod {
            recipient: Cow<'a, str>,
            until: Timestamp,
        },
        Ended {
            recipient: Cow<'a, str>,
            from: Timestamp,
        },
        // What is sent, and how
        HeldSince {
            categories: CategoryList<'a>,
            place: Option<Cow<'a, SeenPlace>>,
            since: Timestamp,
        },
        HeldElsewhere {
            places: usize,
        },
        HoldingNarrowed {
            categories: CategoryList<'a>,
            policies: Vec<Cow<'a, str>>,
        },
        CategoriesUnknown {
            recipient: Cow<'a, str>,
        },
        SentOutsideAnnex1 {
            categories: CategoryList<'a>,
        },
        HeldOutsideAnnex1 {
            categories: CategoryList<'a>,
        },
        PolicyForbidsCategories {
            categories: CategoryList<'a>,
        },
        PolicyForbidsPlaces {
            places: JurisdictionSet,
        },
        PolicyWantsPlaces {
            importer: Cow<'a, str>,
        },
        Opaque,
        TlsBelow {
            versions: Vec<TlsVersion>,
            minimum: TlsVersion,
            asks: Asks,
        },
        InTheClear {
            minimum: TlsVersion,
            asks: Asks,
        },
        NotReadInTheClear {
            minimum: TlsVersion,
            asks: Asks,
        },
        PlaintextNotRead,
        UncertainMatches { categories: CategoryList<'a> },
        EncryptedClientHello,
        // Where
        LocationConflict {
            attested: JurisdictionSet,
            evidence: Vec<Cow<'a, LocationEvidence>>,
            worse: JurisdictionSet,
        },
        LocationUnconfirmed {
            attested: JurisdictionSet,
        },
        LocationNoWorse {
            attested: JurisdictionSet,
            evidence: Vec<Cow<'a, LocationEvidence>>,
            elsewhere: JurisdictionSet,
        },
        IntraEea {
            importer: Cow<'a, str>,
        },
        ParentAbroad {
            entity: Cow<'a, str>,
            seat: Jurisdiction,
        },
        TerritoryReview {
            jurisdiction: Jurisdiction,
        },
        // The chain
        OnwardList {
            recipient: Cow<'a, str>,
        },
        NoBasis {
            exporter: Cow<'a, str>,
            importer: Cow<'a, str>,
            place: Place,
        },
        Carries {
            basis: Cow<'a, str>,
            dpv: Option<Cow<'a, str>>,
            exporter: Cow<'a, str>,
            importer: Cow<'a, str>,
            place: Place,
            /// Of which categories alone; `None`: of all.
            categories: Option<CategoryList<'a>>,
        },
        CarriesOnce {
            basis: Cow<'a, str>,
            dpv: Option<Cow<'a, str>>,
            exporter: Cow<'a, str>,
            importer: Cow<'a, str>,
            place: Place,
            /// Of which categories alone; `None`: of all.
            categories: Option<CategoryList<'a>>,
        },
        // Any instrument
        DoesNotCover {
            basis: Cow<'a, str>,
            categories: CategoryList<'a>,
        },
        Fallen {
            basis: Cow<'a, str>,
            how: InstrumentEnd,
            development: Option<Cow<'a, str>>,
        },
        NotYet {
            basis: Cow<'a, str>,
            from: Timestamp,
        },
        StaleFacts {
            subject: Cow<'a, str>,
            as_of: Date,
            limit: u16,
        },
        ActUnknown {
            basis: Cow<'a, str>,
            decision: Cow<'a, str>,
        },
        TransitionIsNoBasis {
            development: Cow<'a, str>,
        },
        // Adequacy and the DPF
        ConfirmScope {
            decision: Cow<'a, str>,
            regime: Cow<'a, str>,
            importer: Cow<'a, str>,
        },
        OutOfScope {
            decision: Cow<'a, str>,
            regime: Cow<'a, str>,
            importer: Cow<'a, str>,
        },
        NotOnDpfList {
            basis: Cow<'a, str>,
            checked: Date,
        },
        DpfHrOnly {
            basis: Cow<'a, str>,
        },
        DpfWithoutHr {
            basis: Cow<'a, str>,
        },
        DpfCheck {
            basis: Cow<'a, str>,
            checked: Date,
            limit: u16,
        },
        // Appropriate safeguards
        WrongModule {
            basis: Cow<'a, str>,
            needed: u8,
            agreed: Cow<'a, BTreeSet<u8>>,
        },
        ImporterUnderGdpr {
            basis: Cow<'a, str>,
            importer: Cow<'a, str>,
        },
        ModuleNotOffered {
            basis: Cow<'a, str>,
            decision: Cow<'a, str>,
            module: u8,
        },
        DeadClauses {
            basis: Cow<'a, str>,
            decision: Cow<'a, str>,
            until: Option<Timestamp>,
        },
        Sign {
            basis: Cow<'a, str>,
        },
        FillAnnexes {
            basis: Cow<'a, str>,
            module: u8,
        },
        WrongBcr {
            basis: Cow<'a, str>,
        },
        GetApproval {
            basis: Cow<'a, str>,
        },
        GetCommitments {
            basis: Cow<'a, str>,
        },
        GetAuthorisation {
            basis: Cow<'a, str>,
        },
        PublicBodiesOnly {
            basis: Cow<'a, str>,
        },
        OrderWithoutTreaty {
            basis: Cow<'a, str>,
        },
        TreatyWithoutSafeguards {
            basis: Cow<'a, str>,
            treaty: Cow<'a, str>,
        },
        // Derogations
        Recurring {
            basis: Cow<'a, str>,
            occurrences: u64,
            limit: Option<u32>,
        },
        NotForPublicBodies {
            basis: Cow<'a, str>,
        },
        ApproveDerogation {
            basis: Cow<'a, str>,
        },
        LimitDerogation {
            basis: Cow<'a, str>,
        },
        InformAboutDerogation {
            basis: Cow<'a, str>,
        },
        // Assessments
        Assess {
            basis: Cow<'a, str>,
        },
        AssessThisImporter {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
            importer: Cow<'a, str>,
        },
        AssessCountry {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
            place: Jurisdiction,
        },
        NamePlaces {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
        },
        MustEndAfter {
            assessment: Cow<'a, str>,
            development: Cow<'a, str>,
        },
        MustEnd {
            assessment: Cow<'a, str>,
            decided: Date,
        },
        MeasuresIneffective {
            assessment: Cow<'a, str>,
        },
        FinishAssessment {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
        },
        AssessedLater {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
            decided: Date,
        },
        RefreshAssessment {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
            decided: Date,
        },
        RefreshAfter {
            basis: Cow<'a, str>,
            assessment: Cow<'a, str>,
            development: Cow<'a, str>,
        },
        // Topics
        UnregisteredOfTopic {
            label: Cow<'a, str>,
            rung: Rung,
            categories: CategoryList<'a>,
        },
        HoldingOfTopicNarrowed {
            categories: CategoryList<'a>,
            policies: Vec<Cow<'a, str>>,
        },
    }
}
