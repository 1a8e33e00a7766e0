use super::*;

fn error(code: RDKafkaErrorCode) -> KafkaError {
    KafkaError::Global(code)
}

#[test]
fn the_last_reason_explains_a_failure_of_the_connection() {
    let context = Context::default();
    let down = KafkaError::MetadataFetch(RDKafkaErrorCode::BrokerTransportFailure);
    let alone = context.explain(&down);
    context.log(RDKafkaLogLevel::Notice, "INFO", "not a failure");
    assert_eq!(context.explain(&down), alone);
    context.log(RDKafkaLogLevel::Error, "FAIL", "[thrd:ssl://192.0.2.1:9093/1]: ssl://192.0.2.1:9093/1: refused\n");
    assert_eq!(context.explain(&down), format!("{alone}: ssl://192.0.2.1:9093/1: refused"));
    let answer = KafkaError::MetadataFetch(RDKafkaErrorCode::TopicAuthorizationFailed);
    assert!(!context.explain(&answer).contains("refused"), "a broker has answered");
}

#[test]
fn what_explains_most_is_kept() {
    let context = Context::default();
    let lost = "[thrd:ssl://192.0.2.1:9093/bootstrap]: ssl://192.0.2.1:9093/bootstrap: Disconnected";
    context.log(RDKafkaLogLevel::Info, "FAIL", lost);
    assert_eq!(context.reason().unwrap(), "ssl://192.0.2.1:9093/bootstrap: Disconnected");
    context.error(error(RDKafkaErrorCode::SSL), "192.0.2.1:9093: SSL handshake failed (after 5ms in state X)");
    context.log(RDKafkaLogLevel::Error, "FAIL", lost);
    context.error(error(RDKafkaErrorCode::BrokerTransportFailure), "192.0.2.2:9093: Connection refused");
    assert!(!context.is_refused(), "another broker may still answer");
    context.error(error(RDKafkaErrorCode::AllBrokersDown), "2/2 brokers are down");
    assert_eq!(context.reason().unwrap(), "192.0.2.1:9093: SSL handshake failed");
    assert!(context.is_refused());
}

#[test]
fn no_credential_stands_in_a_reason() {
    let pairs =
        [("sasl.username", "inventory"), ("sasl.password", "made-up"), ("ssl.key.location", "/etc/keys/client.pem")];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let context = Context::hiding(&Properties::from_pairs(pairs));
    let said = "login of inventory with made-up\u{1b} refused, /etc/keys/client.pem";
    context.error(error(RDKafkaErrorCode::Authentication), said);
    let shown = "login of inventory with (hidden)\u{fffd} refused, /etc/keys/client.pem";
    assert_eq!(context.reason().unwrap(), shown);
    context.error(error(RDKafkaErrorCode::Authentication), &"x".repeat(10_000));
    assert_eq!(context.reason().unwrap().len(), MAX_REASON);
}
