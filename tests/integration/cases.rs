//! The judged cases of `tests/cases`: facts, instant, and the verdict that the law demands.

#[path = "cases/suite.rs"]
mod suite;

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use landfall_transfer_law::{MissingCode, Outcome, ReasonCode};

/// All variants of an enumeration; does not compile when one is left out.
macro_rules! every {
    ($type:ident { $($variant:ident),* $(,)? }) => {{
        let _complete = |it: $type| match it { $($type::$variant => ()),* };
        [$($type::$variant),*]
    }};
}

/// Missing things that no case can show: the loader refuses clauses and listings whose act is not in
/// the register, so only a cluster can come to it, between two changes.
const BEYOND_A_FOLDER: [MissingCode; 1] = [MissingCode::LegalAct];

/// Reasons that no case can show: it takes thousands of recipients to come to it.
const BEYOND_A_CASE: [ReasonCode; 1] = [ReasonCode::TooManyRecipients];

fn results() -> &'static [suite::Judged] {
    static RESULTS: LazyLock<Vec<suite::Judged>> =
        LazyLock::new(|| suite::run(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"))));
    &RESULTS
}

#[test]
fn every_case_is_judged_as_the_law_demands() {
    let results = results();
    let wrong: Vec<String> = results
        .iter()
        .filter(|result| !result.differences.is_empty())
        .map(|result| {
            let file = result.file.file_name().unwrap().display();
            format!("{file}, {}: {}\n    {}", result.case.id, result.case.facts, result.differences.join("\n    "))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases differ\n{}", wrong.len(), results.len(), wrong.join("\n"));
}

#[test]
fn cases_are_many_and_each_has_its_own_id() {
    let results = results();
    let mut ids = BTreeSet::new();
    let twice: Vec<_> = results.iter().map(|result| &result.case.id).filter(|id| !ids.insert(*id)).collect();
    assert_eq!(twice, Vec::<&String>::new());
    assert!(results.len() >= 150, "only {} cases", results.len());
    let silent = results.iter().filter(|result| result.case.law.is_empty() || result.case.facts.len() < 20);
    assert_eq!(silent.map(|result| &result.case.id).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn cases_show_every_outcome_reason_and_missing_thing() {
    let results = results();
    let outcomes: BTreeSet<Outcome> = results.iter().filter_map(|result| result.outcome).collect();
    let reasons: BTreeSet<ReasonCode> = results.iter().flat_map(|result| result.reasons.iter().copied()).collect();
    let missing: BTreeSet<MissingCode> = results.iter().flat_map(|result| result.missing.iter().copied()).collect();
    let all = every!(Outcome { NotPersonal, IntraEea, NotATransfer, Permitted, Conditional, Unknown, Unlawful });
    assert_eq!(outcomes, BTreeSet::from(all));
    let all = every!(ReasonCode {
        UnregisteredRecipient,
        NotActivated,
        ObjectionPeriodRunning,
        CategoryOutsideAgreement,
        NoBasis,
        BasisFallen,
        BasisDoesNotFit,
        AssessmentNotAcceptable,
        MeasureNotMet,
        OutsidePolicy,
        AmbiguousName,
        TenantUnknown,
        CategoriesUnknown,
        TerritoryReview,
        Opaque,
        AgreementUnknown,
        EngagementEnded,
        OtherController,
        Recurring,
        TooManyRecipients,
        AddressTruncated,
    });
    let shown: BTreeSet<_> = reasons.into_iter().chain(BEYOND_A_CASE).collect();
    assert_eq!(shown, BTreeSet::from(all));
    let all = every!(MissingCode {
        Signature,
        Annexes,
        ImpactAssessment,
        AssessmentRefresh,
        AssessmentOutcome,
        DpfCheck,
        OnwardList,
        FreshLegalData,
        LegalAct,
        ScopeConfirmation,
        HrCertification,
        Approval,
        Authorisation,
        BindingCommitments,
        Expiry,
        Information,
    });
    let shown: BTreeSet<_> = missing.into_iter().chain(BEYOND_A_FOLDER).collect();
    assert_eq!(shown, BTreeSet::from(all));
}
