use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use ureq::http::{HeaderName, HeaderValue};

use super::*;
use crate::kafka::schema::SchemaId;

/// Answers by path, and which were asked for.
#[derive(Debug, Default)]
struct Answers {
    by_path: BTreeMap<String, Answer>,
    asked: Mutex<Vec<String>>,
}

/// Each look at it takes a second.
#[derive(Debug)]
struct Ticking {
    start: Instant,
    looks: AtomicU64,
}

impl Clock for Ticking {
    fn now(&self) -> Instant {
        self.start + Duration::from_secs(self.looks.fetch_add(1, Ordering::Relaxed))
    }
}

impl Answers {
    fn with(mut self, path: &str, body: &Value) -> Self {
        let answer = Answer { status: 200, body: body.to_string().into_bytes(), ..Answer::default() };
        self.by_path.insert(path.to_owned(), answer);
        self
    }

    fn with_content(mut self, path: &str, artifact_type: Option<&str>, body: &str) -> Self {
        let headers = [("content-type", Some("application/json")), ("x-registry-artifacttype", artifact_type)];
        let headers = headers
            .into_iter()
            .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::from_str(value?).unwrap())));
        let answer = Answer { status: 200, headers: headers.collect(), body: body.as_bytes().to_vec() };
        self.by_path.insert(path.to_owned(), answer);
        self
    }

    fn resolve(&self, base: &str, id: &SchemaId) -> Result<Resolved, RegistryError> {
        let api = Api::new(&format!("http://registry{base}").parse().unwrap());
        let place = api.schema(id).unwrap();
        Resolver::new(self, &api, &MachineClock).resolve(&place)
    }
}

impl Get for Answers {
    fn get(&self, url: &str) -> Result<Answer, ureq::Error> {
        let path = url.strip_prefix("http://registry").unwrap();
        self.asked.lock().unwrap().push(path.to_owned());
        let missing = || Answer { status: 404, body: br#"{"error_code": 40402}"#.to_vec(), ..Answer::default() };
        Ok(self.by_path.get(path).cloned().unwrap_or_else(missing))
    }
}

/// A schema that refers to the subjects, each in its first version.
fn schema(text: &str, subjects: &[String]) -> Value {
    let of = |subject: &String| json!({ "name": format!("{subject}.proto"), "subject": subject, "version": 1 });
    let references: Vec<Value> = subjects.iter().map(of).collect();
    json!({ "schema": text, "schemaType": "PROTOBUF", "references": references })
}

fn of_subject(subject: &str) -> String {
    format!("/subjects/{subject}/versions/1?deleted=true")
}

const FIRST: &str = "/schemas/ids/1?deleted=true";

#[test]
fn references_are_fetched_once_each_and_given_wherever_they_are_named() {
    let answers = Answers::default()
        .with(FIRST, &schema("order", &["address".to_owned(), "person".to_owned()]))
        .with(&of_subject("address"), &schema("address", &["country".to_owned()]))
        .with(&of_subject("person"), &schema("person", &["country".to_owned()]))
        .with(&of_subject("country"), &schema("country", &[]));
    let resolved = answers.resolve("", &SchemaId::Id(1)).unwrap();
    let named = |source: &SchemaSource| -> Vec<(String, String)> {
        source.references.iter().map(|one| (one.name.clone(), one.source.text.clone())).collect()
    };
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(resolved.source.schema_type, SchemaType::Protobuf);
    assert_eq!(named(&resolved.source), [pair("address.proto", "address"), pair("person.proto", "person")]);
    for reference in &resolved.source.references {
        assert_eq!(named(&reference.source), [pair("country.proto", "country")]);
    }
    assert_eq!(resolved.text, "orderaddresspersoncountrycountry".len());
    let asked = answers.asked.into_inner().unwrap();
    assert_eq!(asked, [FIRST, &of_subject("address"), &of_subject("country"), &of_subject("person")]);
}

#[test]
fn a_circle_of_references_ends() {
    let answers = Answers::default()
        .with(FIRST, &schema("a", &["b".to_owned()]))
        .with(&of_subject("b"), &schema("b", &["b".to_owned()]));
    assert!(matches!(answers.resolve("", &SchemaId::Id(1)), Err(RegistryError::References)));
    assert_eq!(answers.asked.into_inner().unwrap().len(), 2);
}

#[test]
fn schemas_that_refer_to_others_twice_on_each_level_end() {
    let twice = |level: usize| vec![format!("s{level}"); 2];
    let mut answers = Answers::default().with(FIRST, &schema("a", &twice(1)));
    for level in 1..MAX_DEPTH {
        answers = answers.with(&of_subject(&format!("s{level}")), &schema("a", &twice(level + 1)));
    }
    answers = answers.with(&of_subject(&format!("s{MAX_DEPTH}")), &schema("a", &[]));
    assert!(matches!(answers.resolve("", &SchemaId::Id(1)), Err(RegistryError::References)));
}

#[test]
fn as_many_references_as_allowed_are_taken() {
    let subjects: Vec<String> = (1..MAX_SCHEMAS).map(|n| format!("s{n}")).collect();
    let leaves =
        subjects.iter().fold(Answers::default(), |answers, one| answers.with(&of_subject(one), &schema("a", &[])));
    let answers = leaves.with(FIRST, &schema("a", &subjects));
    assert_eq!(answers.resolve("", &SchemaId::Id(1)).unwrap().source.references.len(), MAX_SCHEMAS - 1);
    let more = [&subjects[..], &["s1".to_owned()]].concat();
    let answers = answers.with(FIRST, &schema("a", &more));
    assert!(matches!(answers.resolve("", &SchemaId::Id(1)), Err(RegistryError::References)));
}

#[test]
fn texts_are_bounded_together() {
    let long = "a".repeat(MAX_TEXT / 4);
    let answers = Answers::default()
        .with(FIRST, &schema("a", &vec!["b".to_owned(); 4]))
        .with(&of_subject("b"), &schema(&long, &[]));
    assert!(matches!(answers.resolve("", &SchemaId::Id(1)), Err(RegistryError::TooLarge)));
}

#[test]
fn a_missing_reference_is_told_from_a_missing_schema() {
    let answers = Answers::default().with(FIRST, &schema("a", &["b".to_owned()]));
    assert!(matches!(answers.resolve("", &SchemaId::Id(1)), Err(RegistryError::ReferenceMissing)));
    assert!(matches!(answers.resolve("", &SchemaId::Id(2)), Err(RegistryError::NotFound)));
}

#[test]
fn a_registry_that_takes_its_time_for_each_of_many_is_given_up() {
    let wide: Vec<String> = (1..MAX_SCHEMAS).map(|n| format!("s{n}")).collect();
    let answers = wide.iter().fold(Answers::default().with(FIRST, &schema("a", &wide)), |answers, one| {
        answers.with(&of_subject(one), &schema("a", &[]))
    });
    let api = Api::new(&"http://registry".parse().unwrap());
    let clock = Ticking { start: Instant::now(), looks: AtomicU64::new(0) };
    let place = api.schema(&SchemaId::Id(1)).unwrap();
    let mut resolver = Resolver::new(&answers, &api, &clock);
    assert!(matches!(resolver.resolve(&place), Err(RegistryError::Timeout)));
    assert_eq!(resolver.requests(), TIME_LIMIT.as_secs());
}

#[test]
fn apicurios_own_ids_bring_their_references() {
    let base = "/apis/registry/v3";
    let address = format!("{base}/groups/default/artifacts/address/versions/1");
    let listed = json!([{ "groupId": "default", "artifactId": "address", "version": "1", "name": "Address" }]);
    let answers = Answers::default()
        .with_content(&format!("{base}/ids/globalIds/5?returnArtifactType=true"), Some("AVRO"), "order")
        .with(&format!("{base}/ids/globalIds/5/references"), &listed)
        .with_content(&format!("{base}/ids/contentIds/6"), None, r#"{"type": "object"}"#)
        .with(&format!("{base}/ids/contentIds/6/references"), &json!([]))
        .with_content(&format!("{address}/content"), None, "address")
        .with(&format!("{address}/references"), &json!([]));
    let global = answers.resolve("/apis/ccompat/v7", &SchemaId::GlobalId(5)).unwrap().source;
    assert_eq!((global.schema_type, global.text.as_str()), (SchemaType::Avro, "order"));
    let reference = &global.references[0];
    assert_eq!((reference.name.as_str(), reference.source.text.as_str()), ("Address", "address"));
    assert_eq!(reference.source.schema_type, SchemaType::Avro);
    let content = answers.resolve("/apis/registry/v3", &SchemaId::ContentId(6)).unwrap().source;
    assert_eq!(content.schema_type, SchemaType::Json);
}
