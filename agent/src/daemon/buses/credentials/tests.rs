use std::collections::BTreeMap;

use landfall_observation::{BusName, SamplingBudgets, SaslMechanism, TopicSelector};

use super::*;

/// A Secret for each of these names, with these contents.
struct Secrets(BTreeMap<&'static str, &'static [(&'static str, &'static [u8])]>);

impl SecretSource for Secrets {
    fn get(&self, namespace: &str, name: &str) -> Result<SecretContents, SecretError> {
        assert_eq!(namespace, "crm", "Secrets are in the namespace of the bus");
        let contents = self
            .0
            .get(name)
            .ok_or_else(|| SecretError::Missing { namespace: namespace.to_owned(), name: name.to_owned() })?;
        Ok(SecretContents(contents.iter().map(|(key, value)| ((*key).to_owned(), value.to_vec())).collect()))
    }
}

fn secrets() -> Secrets {
    Secrets(BTreeMap::from([
        ("authority", &[("ca.crt", b"CA" as &[u8])] as &[(&str, &[u8])]),
        ("certificate", &[("tls.crt", b"CERTIFICATE"), ("tls.key", b"KEY")]),
        ("login", &[("username", b"landfall"), ("password", b"p\xc3\xa4ss=word ")]),
        ("no-login", &[("username", b"landfall")]),
        ("binary", &[("username", b"landfall"), ("password", b"\xff")]),
    ]))
}

fn bus(tls: Option<BusTls>, login: Option<&str>) -> BusConfiguration {
    let mechanism = SaslMechanism::ScramSha512;
    BusConfiguration {
        bus: BusName { namespace: "crm".to_owned(), name: "events".to_owned() },
        bootstrap_servers: vec!["kafka.example:9093".to_owned()],
        cluster_id: None,
        tls,
        sasl: login.map(|name| BusSasl { mechanism, credentials_secret: name.to_owned() }),
        topics: vec![TopicSelector::all()],
        sampling: SamplingBudgets::default(),
        schema_registry: None,
        connect: Vec::new(),
    }
}

fn read(tls: Option<BusTls>, login: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let properties = properties(&bus(tls, login), &secrets()).map_err(|error| error.to_string())?;
    Ok(properties.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn taken(tls: Option<BusTls>, login: Option<&str>) -> Vec<(String, String)> {
    read(tls, login).unwrap()
}

#[test]
fn secrets_become_properties_of_the_client() {
    assert_eq!(taken(None, None), pairs(&[("security.protocol", "plaintext")]));
    assert_eq!(taken(Some(BusTls::default()), None), pairs(&[("security.protocol", "ssl")]));
    let login =
        [("sasl.mechanism", "SCRAM-SHA-512"), ("sasl.password", "p\u{e4}ss=word "), ("sasl.username", "landfall")];
    assert_eq!(taken(None, Some("login")), pairs(&[&login[..], &[("security.protocol", "sasl_plaintext")]].concat()));
    let tls =
        BusTls { ca_secret: Some("authority".to_owned()), client_certificate_secret: Some("certificate".to_owned()) };
    let certificates = [
        ("security.protocol", "sasl_ssl"),
        ("ssl.ca.pem", "CA"),
        ("ssl.certificate.pem", "CERTIFICATE"),
        ("ssl.key.pem", "KEY"),
    ];
    assert_eq!(taken(Some(tls), Some("login")), pairs(&[&login[..], &certificates[..]].concat()));
}

#[test]
fn what_is_missing_is_named() {
    let refused = |login| read(None, Some(login)).unwrap_err();
    assert_eq!(refused("none"), "Secret crm/none does not exist");
    assert_eq!(refused("no-login"), "Secret crm/no-login has no key password");
    assert_eq!(refused("binary"), "key password of Secret crm/binary is no text");
}

#[test]
fn no_output_shows_what_a_secret_holds() {
    let contents = secrets().get("crm", "login").unwrap();
    assert_eq!(format!("{contents:?}"), r#"{"password", "username"}"#);
    let properties = properties(&bus(None, Some("login")), &secrets()).unwrap();
    assert!(!format!("{properties:?}").contains("ss=word"));
}

#[test]
fn services_beside_the_brokers_have_credentials_of_their_own() {
    let at = |secret: Option<&str>| BusService {
        url: "https://registry.example".to_owned(),
        credentials_secret: secret.map(str::to_owned),
    };
    let bus = BusConfiguration { schema_registry: Some(at(Some("login"))), connect: vec![at(None)], ..bus(None, None) };
    let found = access(&bus, &secrets()).unwrap();
    let (user, password) = ("landfall".to_owned(), "p\u{e4}ss=word ".to_owned());
    assert_eq!(found.schema_registry.as_ref().unwrap().credentials, Credentials::Basic { user, password });
    assert_eq!(found.connect[0].credentials, Credentials::None);
    assert!(!format!("{found:?}").contains("ss=word"));
    let bus = BusConfiguration { connect: vec![BusService { url: "connect:8083".to_owned(), ..at(None) }], ..bus };
    let refused = access(&bus, &secrets()).unwrap_err().to_string();
    assert_eq!(refused, "the address of Connect in the MessageBus is refused");
}
