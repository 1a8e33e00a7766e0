use super::*;

const ANSWER: &[u8] = br#"{"archive":{"info":{"name":"archive","config":{
"connector.class":"io.confluent.connect.jdbc.JdbcSinkConnector","topics":"orders,people",
"connection.url":"jdbc:postgresql://db.example:5432/crm?user=made&password=hunter2","connection.password":"hunter2",
"file":"${file:/opt/secrets:file}"},"tasks":[],"type":"sink"}}}"#;

#[test]
fn of_a_configuration_only_keys_of_the_list_are_kept() {
    let settings = [
        ("connector.class", "io.confluent.connect.jdbc.JdbcSinkConnector"),
        ("topics", "orders,people"),
        ("connection.url", "db.example:5432"),
    ];
    let expected = Connector {
        name: "archive".into(),
        kind: ConnectorKind::Sink,
        settings: settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        unknown: vec!["file".into()],
    };
    let read = connectors(200, ANSWER);
    assert!(!format!("{read:?}").contains("hunter2"));
    assert_eq!(read, Ok(vec![expected]));
}

#[test]
fn no_connectors_are_no_error() {
    assert_eq!(connectors(200, b"{}"), Ok(Vec::new()));
}

#[test]
fn an_answer_of_another_form_is_an_error_with_a_name() {
    for (status, body, expected) in [
        (200, &b"<!doctype html>"[..], AnswerError::NotJson),
        (200, b"", AnswerError::NotJson),
        (200, br#"["archive"]"#, AnswerError::NamesOnly),
        (200, b"1", AnswerError::Form),
        (200, br#"{"archive":{}}"#, AnswerError::Form),
        (409, b"{}", AnswerError::Rebalancing),
        (404, b"{}", AnswerError::NotFound),
        (401, b"{}", AnswerError::Refused { status: 401 }),
        (302, b"{}", AnswerError::Redirect { status: 302 }),
        (500, b"{}", AnswerError::Status { status: 500 }),
    ] {
        assert_eq!(connectors(status, body), Err(expected));
    }
}

#[test]
fn every_prefix_is_an_error() {
    for length in 0..ANSWER.len() {
        assert_eq!(connectors(200, &ANSWER[..length]), Err(AnswerError::NotJson), "{length}");
    }
}
