mod buses;
mod fields;

use landfall_transfer_law::{Activation, OpaqueHandling, Places};

use super::*;
use crate::load_text;

const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, labels: { tier: strict } }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
  measures: { minimumTls: { version: "1.2", clause: L67 } }
  recipients:
    - { ref: acme, clause: L9 }
    - { ref: bolt, activation: optional }
    - { ref: core, activation: perTenant }
  ownNetworks: [{ cidrs: [10.0.0.0/8, 192.0.2.0/26], operator: Own GmbH, jurisdiction: DE }]
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme Inc., seat: US }, source: s, asOf: 2026-10-05 }
  contractingEntity: { value: { name: Acme Ltd, seat: IE }, source: s, asOf: 2026-09-05 }
  endpoints:
    - name: api
      cidrs: [198.51.100.0/24, 203.0.113.0/28, "2001:db8::/32", "2001:db8:1:2::/64"]
      source: s
      asOf: 2026-08-07
      processing: { value: [IE], source: s, asOf: 2026-08-06 }
      access: { anywhere: true, source: s, asOf: 2026-08-05 }
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: bolt }
spec:
  legalEntity: { value: { name: Bolt SE, seat: FR }, source: s, asOf: 2026-10-05 }
  endpoints: [{ name: web, hosts: [bolt.example], source: s, asOf: 2026-10-05, processing: { value: [FR], source: s, asOf: 2026-10-05 } }]
  onward: []
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: core }
spec:
  legalEntity: { value: { name: Core SE, seat: FR }, source: s, asOf: 2026-10-05 }
  endpoints: [{ name: web, hosts: [core.example], source: s, asOf: 2026-10-05, processing: { value: [FR], source: s, asOf: 2026-10-05 } }]
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: one }
spec: { minimumTls: "1.3", allowedJurisdictions: [DE, FR, US], opaque: Unknown }
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: two }
spec:
  agreementSelector: { matchLabels: { tier: strict } }
  minimumTls: "1.2"
  allowedJurisdictions: [DE, FR, IE]
  incidentOnUnknown: true
  accessPaths: [{ name: office, cidrs: [203.0.113.64/26] }]
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: of-others, namespace: other }
spec: { allowedJurisdictions: [], allowedCategories: [] }
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: lax }
spec: { agreementSelector: { matchLabels: { tier: lax } }, allowedCategories: [] }
"#;

fn register() -> Register {
    load_text("register.yaml", REGISTER).unwrap()
}

#[test]
fn of_several_policies_the_stricter_setting_counts() {
    let compiled = compile(&register());
    let (id, agreement) = compiled.ruleset.agreements.first_key_value().unwrap();
    assert_eq!(id.to_string(), "default/a");
    let policy = &agreement.policy;
    assert_eq!(policy.minimum_tls.unwrap().as_str(), "1.3");
    assert_eq!(agreement.minimum_tls.as_ref().unwrap().version.as_str(), "1.2");
    assert_eq!(policy.opaque, OpaqueHandling::Unknown);
    assert_eq!(policy.allowed_jurisdictions, Some(["DE", "FR"].map(|code| code.parse().unwrap()).into()));
    assert_eq!(policy.allowed_categories, None);
    assert!(policy.incident_on_unknown);
}

#[test]
fn what_is_left_open_stays_open() {
    let Compiled { ruleset, .. } = compile(&register());
    let acme = &ruleset.recipients["acme"];
    assert_eq!(acme.contracting_entity.name, "Acme Ltd");
    assert_eq!(acme.as_of.to_string(), "2026-08-05");
    assert_eq!(acme.onward, None);
    assert_eq!(acme.endpoints["api"].access, Some(Places::Anywhere));
    assert_eq!(acme.endpoints["api"].storage, None);
    let bolt = &ruleset.recipients["bolt"];
    assert_eq!(bolt.contracting_entity, bolt.legal_entity);
    assert_eq!(bolt.onward, Some(Vec::new()));
    let engagements = &ruleset.agreements.values().next().unwrap().engagements;
    assert_eq!(engagements["acme"].activation, Activation::Default);
    assert_eq!(engagements["bolt"].activation, Activation::Optional { active: false });
    assert_eq!(engagements["core"].activation, Activation::PerTenant { tenants: BTreeSet::new() });
}

#[test]
fn agents_send_whole_addresses_only_where_truncated_ones_would_not_do() {
    let AgentConfiguration { keep_prefixes, own_networks, buses } = compile(&register()).agent;
    let keep: Vec<_> = keep_prefixes.iter().map(ToString::to_string).collect();
    assert_eq!(keep, ["192.0.2.0/26", "203.0.113.0/28", "203.0.113.64/26", "2001:db8:1:2::/64"]);
    assert_eq!((own_networks.len(), buses.len()), (1, 0));
}

#[test]
fn the_version_names_what_was_compiled() {
    let version = |register: &Register| compile(register).ruleset.version;
    let first = version(&register());
    assert_eq!(first.len(), 64);

    let mut same = register();
    same.agreements[0].metadata.annotations.insert("tool".to_owned(), "x".to_owned());
    same.recipients.reverse();
    assert_eq!(version(&same), first);

    let mut other = register();
    other.agreements[0].spec.revision = "2".to_owned();
    assert_ne!(version(&other), first);
    other = register();
    other.agreements[0].metadata.labels.clear();
    assert_ne!(version(&other), first);
}

#[test]
fn a_reference_to_nothing_is_a_warning_in_a_cluster() {
    let mut register = register();
    register.recipients.retain(|object| object.metadata.name != "core");
    let warnings: Vec<_> = compile(&register).warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["ProcessingAgreement a: lists core, which is no Recipient"]);
}
