//! The operator's register over a real API server.

mod faults;
mod fixture;
mod networks;

use std::time::Duration;

use kube::{Api, ResourceExt as _};
use landfall_api::{
    ConditionStatus, ProcessingAgreementSpec, RecipientSpec, RegisterStatus, Stored, TransferBasisSpec,
};
use landfall_register::{compile, instruments, load};

use crate::{
    register_api::{apply, apply_text, kubectl},
    support::root,
};
use fixture::Fixture;

/// A sub-processor that hangs together with nothing.
pub(crate) const RECIPIENT: &str = "
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme Inc., seat: US }, source: contract, asOf: 2026-08-05 }
  endpoints:
    - name: api
      hosts: [api.acme.example]
      source: contract
      asOf: 2026-08-05
      processing: { value: [US], source: contract, asOf: 2026-08-05 }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cluster_and_the_folder_give_the_same_ruleset() {
    let Some(fixture) = Fixture::new(true).await else { return };
    let folder = root().join("examples/crm-processor");
    kubectl(&fixture.plane, &["create", "namespace", "privacy"], "");
    apply(&fixture.plane, &folder);
    let compiled = compile(&load(&folder).unwrap());
    let published = fixture.wait("the ruleset of the folder", |it| it.version() == compiled.ruleset.version).await;
    assert_eq!(*published.ruleset, compiled.ruleset);
    assert_eq!(*published.agent, compiled.agent);
    assert_eq!(published.stale, None);

    let agreements: Api<Stored<ProcessingAgreementSpec>> = Api::namespaced_with(fixture.client.clone(), "privacy", &());
    let findings = compiled.findings(jiff::Timestamp::now());
    let of_agreement: Vec<_> = findings.iter().filter(|it| it.object.name == "privacy/crm-processor").collect();
    let are_counted = |status: &RegisterStatus| {
        status.findings.is_some_and(|it| (it.errors + it.warnings + it.notes) as usize == of_agreement.len())
    };
    let status = fixture.status(&agreements, "crm-processor", are_counted).await;
    // Whether the address of this machine, where the API server is, is declared depends on the machine.
    let of_register = status.conditions.iter().filter(|it| it.r#type != "OwnNetworksDeclared");
    let said: Vec<_> = of_register.map(|it| (it.r#type.as_str(), it.status, it.reason.as_str())).collect();
    assert_eq!(
        said,
        [
            ("Compiled", ConditionStatus::True, "InForce"),
            ("Ready", ConditionStatus::True, "InForce"),
            ("LintClean", ConditionStatus::False, "Errors"),
        ]
    );
    let first = of_agreement[0];
    assert!(status.conditions[2].message.contains(&format!("{}: {}", first.id, first.text)), "{status:?}");

    let shown = kubectl(&fixture.plane, &["get", "landfall", "-A"], "");
    assert!(shown.contains("crm-processor") && shown.contains("Beispiel CRM GmbH"), "{shown}");
    fixture.rests().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_counts_no_more_and_what_replaces_a_shipped_act_does() {
    let Some(fixture) = Fixture::new(true).await else { return };
    let empty = fixture.wait("an empty register", |it| it.ruleset.recipients.is_empty()).await;
    assert_eq!(empty.ruleset.bases.iter().count(), instruments().len());

    apply_text(&fixture.plane, RECIPIENT);
    fixture.wait("the sub-processor", |it| it.ruleset.recipients.contains_key("acme")).await;
    kubectl(&fixture.plane, &["delete", "rcp", "acme"], "");
    fixture.wait("no sub-processor", |it| it.version() == empty.version()).await;

    let mut own = instruments().iter().find(|basis| basis.metadata.name == "adequacy-gb").unwrap().clone();
    own.spec.source = "read anew".to_owned();
    let bases: Api<Stored<TransferBasisSpec>> = Api::all(fixture.client.clone());
    let object = Stored::new("adequacy-gb", None, own.spec);
    let created = bases.create(&kube::api::PostParams::default(), &object).await.unwrap();
    assert_eq!(created.spec, object.spec);
    let replaced = fixture.wait("the own act", |it| it.version() != empty.version()).await;
    assert_eq!(replaced.ruleset.bases.iter().count(), instruments().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_leader_writes_conditions() {
    let Some(fixture) = Fixture::new(false).await else { return };
    apply_text(&fixture.plane, RECIPIENT);
    fixture.wait("the sub-processor", |it| it.ruleset.recipients.contains_key("acme")).await;
    let recipients: Api<Stored<RecipientSpec>> = Api::all(fixture.client.clone());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(recipients.get("acme").await.unwrap().status, None);
    fixture.lead.send(true).unwrap();
    let of = |generation| move |status: &RegisterStatus| status.observed_generation == Some(generation);
    let status = fixture.status(&recipients, "acme", of(1)).await;
    // A second specification is a second generation, and the times stay where the statuses do.
    apply_text(&fixture.plane, &RECIPIENT.replace("contract", "contract of 2026"));
    let later = fixture.status(&recipients, "acme", of(2)).await;
    let object = recipients.get("acme").await.unwrap();
    assert!(object.managed_fields().iter().any(|it| it.manager.as_deref() == Some("landfall-operator")));
    for (before, after) in status.conditions.iter().zip(&later.conditions) {
        assert_eq!(before.last_transition_time, after.last_transition_time);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_namespace_that_consents_is_seen_at_once() {
    let Some(fixture) = Fixture::new(false).await else { return };
    kubectl(&fixture.plane, &["create", "namespace", "crm"], "");
    let before = fixture.wait("the namespace", |it| it.namespaces.labels("crm").is_some()).await;
    assert!(!before.namespaces.consents("crm", "privacy"));
    kubectl(&fixture.plane, &["label", "namespace", "crm", "landfall.dev/consent=privacy"], "");
    let after = fixture.wait("consent", |it| it.namespaces.consents("crm", "privacy")).await;
    assert_eq!((after.version(), after.compiled_at), (before.version(), before.compiled_at));
    kubectl(&fixture.plane, &["label", "namespace", "crm", "landfall.dev/consent-"], "");
    fixture.wait("no consent", |it| !it.namespaces.consents("crm", "privacy")).await;
}
