use std::{collections::BTreeSet, fs};

use jiff::Timestamp;

use super::*;
use crate::{compile, load_text};

/// A user's register with a single policy, and the shipped objects that are added.
fn with(text: &str) -> Register {
    const POLICY: &str =
        "apiVersion: landfall.dev/v1alpha1\nkind: TransferPolicy\nmetadata: { name: a }\nspec: {}\n---\n";
    load_text("user.yaml", &format!("{POLICY}{text}")).map_err(|errors| errors.to_string()).unwrap()
}

fn instrument(name: &str) -> &'static Object<TransferBasisSpec> {
    instruments().iter().find(|basis| basis.metadata.name == name).unwrap()
}

#[test]
fn every_file_of_the_data_folder_is_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let mut files = BTreeSet::new();
    for folder in ["instruments", "providers"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            files.insert(format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    let known: BTreeSet<_> = INSTRUMENTS.iter().chain(PROVIDERS).map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(known, files);
}

#[test]
fn each_instrument_is_in_the_file_of_its_name() {
    for (file, text) in INSTRUMENTS {
        let Register { agreements, recipients, bases, assessments, developments, policies, buses } =
            read(&[(file, text)]).map_err(|errors| errors.to_string()).unwrap();
        assert!(agreements.is_empty() && recipients.is_empty() && assessments.is_empty());
        assert!(developments.is_empty() && policies.is_empty() && buses.is_empty());
        assert_eq!(bases.len(), 1, "{file}");
        assert_eq!(*file, format!("instruments/{}.yaml", bases[0].metadata.name));
    }
}

#[test]
fn the_countries_with_an_adequacy_decision_are_those_of_the_list() {
    let at: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    let mut countries = BTreeSet::new();
    let mut organisations = BTreeSet::new();
    for basis in instruments() {
        let validity = &basis.spec.validity;
        let Some(act) = &basis.spec.instrument.adequacy else { continue };
        assert_eq!(act.listed_only, basis.spec.countries.iter().flatten().any(|country| country.as_str() == "US"));
        if validity.annulled.is_some() {
            continue;
        }
        assert!(validity.from.is_some_and(|from| from <= at), "{}", basis.metadata.name);
        countries.extend(basis.spec.countries.iter().flatten().map(|country| country.as_str().to_owned()));
        organisations.extend(basis.spec.importers.iter().flatten().cloned());
    }
    let listed = "AD AR BR CA CH FO GB GG IL IM JE JP KR NZ US UY";
    assert_eq!(countries.into_iter().collect::<Vec<_>>().join(" "), listed);
    assert_eq!(organisations, BTreeSet::from(["European Patent Organisation".to_owned()]));
}

#[test]
fn days_are_those_of_brussels_and_ends_are_exclusive() {
    let validity = &instrument("adequacy-gb").spec.validity;
    assert_eq!(validity.from.unwrap().to_string(), "2021-06-27T22:00:00Z");
    assert_eq!(validity.until.unwrap().to_string(), "2031-12-27T23:00:00Z");
    for name in ["scc-2001-497", "scc-2004-915", "scc-2010-87"] {
        let act = instrument(name).spec.instrument.clause_set.as_ref().unwrap();
        assert_eq!(act.contracts_before.unwrap().to_string(), "2021-09-26T22:00:00Z");
        assert_eq!(act.contracts_until.unwrap().to_string(), "2022-12-27T23:00:00Z");
    }
    let judgments = ["adequacy-us-safe-harbour", "adequacy-us-privacy-shield"];
    let days = judgments.map(|name| instrument(name).spec.validity.annulled.unwrap().to_string());
    assert_eq!(days, ["2015-10-05T22:00:00Z", "2020-07-15T22:00:00Z"]);
}

#[test]
fn decisions_that_are_limited_to_a_law_name_it() {
    let regimes: Vec<_> = instruments()
        .iter()
        .filter_map(|basis| {
            Some((basis.metadata.name.as_str(), basis.spec.instrument.adequacy.as_ref()?.regime.clone()?))
        })
        .collect();
    let expected =
        [("adequacy-br", "LGPD"), ("adequacy-ca", "PIPEDA"), ("adequacy-jp", "APPI"), ("adequacy-kr", "PIPA")];
    assert_eq!(regimes, expected.map(|(name, law)| (name, law.to_owned())));
    assert_eq!(instrument("adequacy-kr").spec.except_categories.len(), 6);
}

#[test]
fn each_provider_loads_and_compiles_with_the_instruments() {
    for (file, text) in PROVIDERS {
        let register = load_text(file, text).map_err(|errors| errors.to_string()).unwrap();
        assert_eq!(register.recipients.len(), 1, "{file}");
        assert_eq!(*file, format!("providers/{}.yaml", register.recipients[0].metadata.name));
        let compiled = compile(&register);
        assert_eq!(compiled.warnings, [], "{file}");
        assert_eq!(compiled.ruleset.bases.iter().count(), register.bases.len());
    }
    let together = providers();
    assert_eq!(together.recipients.len(), 8);
    assert_eq!(compile(&together).warnings, []);
}

#[test]
fn every_register_has_the_shipped_instruments() {
    let register = with("");
    assert_eq!(register.bases, instruments());
}

#[test]
fn an_object_of_the_same_name_replaces_the_shipped_one() {
    const OWN: &str = r#"apiVersion: landfall.dev/v1alpha1
kind: TransferBasis
metadata: { name: adequacy-gb }
spec:
  instrument: { adequacy: { decision: "(EU) 2021/1772" } }
  dpv: "eu-gdpr:A45-3"
  countries: [GB]
  source: own reading
  asOf: 2026-11-01
"#;
    let (usual, own) = (with(""), with(OWN));
    assert_eq!(own.bases.len(), instruments().len());
    let sources: Vec<_> = own.bases.iter().filter(|basis| basis.metadata.name == "adequacy-gb").collect();
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].spec.source, "own reading");
    assert_ne!(compile(&own).ruleset.version, compile(&usual).ruleset.version);
}

#[test]
fn of_shipped_facts_the_latest_counts() {
    let object = |day: &str, label: &str| {
        let name = "adequacy-gb";
        format!(
            "apiVersion: landfall.dev/v1alpha1\nkind: TransferBasis\nmetadata: {{ name: {name}, labels: {{ {label} }} }}\n\
             spec:\n  instrument: {{ adequacy: {{ decision: \"(EU) 2021/1772\" }} }}\n  dpv: \"eu-gdpr:A45-3\"\n  \
             countries: [GB]\n  source: the object\n  asOf: {day}\n"
        )
    };
    let shipped = SHIPPED_LABEL.to_owned() + ": 'true'";
    let source = |text: &str| {
        let objects = with(text);
        let named: Vec<_> = objects.bases.iter().filter(|basis| basis.metadata.name == "adequacy-gb").collect();
        let [basis] = named[..] else { panic!("{named:?}") };
        basis.spec.source.clone()
    };
    assert_ne!(source(&object("2020-01-01", &shipped)), "the object");
    assert_eq!(source(&object("2036-01-01", &shipped)), "the object");
    // A person's own reading stays, however old it is.
    assert_eq!(source(&object("2020-01-01", "team: privacy")), "the object");
}

#[test]
fn the_version_of_a_ruleset_covers_the_shipped_instruments() {
    let mut register = with("");
    let before = compile(&register).ruleset.version;
    register.bases[0].spec.source.push('.');
    assert_ne!(compile(&register).ruleset.version, before);
}
