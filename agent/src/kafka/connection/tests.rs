use rdkafka::consumer::{BaseConsumer, DefaultConsumerContext};

use super::*;

fn connection(properties: &[(&str, &str)]) -> Connection {
    let pairs = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Connection {
        bootstrap: "127.0.0.1:9".to_owned(),
        client_id: "landfall".to_owned(),
        rack: Some("eu-central-1a".to_owned()),
        properties: Properties::from_pairs(pairs),
    }
}

#[test]
fn a_refused_property_is_named_without_its_value() {
    for (name, value) in [("sasl.pasword", "made-up-secret"), ("security.protocol", "made-up-secret")] {
        let config = connection(&[(name, value)]).client_config();
        let made: Result<BaseConsumer<DefaultConsumerContext>, _> = create(&config, DefaultConsumerContext);
        let error = made.err().expect("librdkafka refuses it");
        assert!(matches!(&error, ConnectionError::Property { name: refused, .. } if refused == name), "{error}");
        assert!(!format!("{error} {error:?}").contains("made-up-secret"), "{error:?}");
    }
}

#[test]
fn no_output_of_a_connection_shows_a_value() {
    let connection = connection(&[("sasl.password", "made-up-secret")]);
    assert!(!format!("{connection:?}").contains("made-up-secret"));
    assert_eq!(connection.client_config().get("sasl.password"), Some("made-up-secret"));
    assert_eq!(connection.client_config().get("client.rack"), Some("eu-central-1a"));
}
