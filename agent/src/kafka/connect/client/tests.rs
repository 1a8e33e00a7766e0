use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use super::*;
use crate::kafka::connect::ConnectorKind;

const ROOT: &str = r#"{"version":"4.3.0","commit":"x","kafka_cluster_id":"LandfallLandfallLandfA"}"#;
const CONNECTORS: &str = r#"{"archive":{"info":{"name":"archive","config":{"topics":"orders","db.password":"made-up-secret"},
    "tasks":[],"type":"sink"}}}"#;

/// A service that gives these answers, one after the other; with what it was asked.
fn serve(answers: Vec<String>) -> (ServiceUrl, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let asked = thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                let count = stream.read(&mut buffer).unwrap();
                assert_ne!(count, 0, "the request ends early");
                request.extend_from_slice(&buffer[..count]);
            }
            asked.push(String::from_utf8(request).unwrap());
            // Who has read enough may close before the end.
            drop(stream.write_all(answer.as_bytes()));
        }
        asked
    });
    (url, asked)
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn json(body: &str) -> String {
    answer("200 OK", "application/json", body)
}

fn ask(service: &Service) -> Result<ConnectAnswer, ConnectError> {
    ConnectClient::new(service).unwrap().ask().answer
}

#[test]
fn connectors_come_with_the_cluster_that_they_use_and_without_secrets() {
    let (url, asked) = serve(vec![json(ROOT), json(CONNECTORS)]);
    let service =
        Service::new(url.clone()).with_properties([("basic.auth.user.info", "clerk:made-up-secret")]).unwrap();
    let seen = ConnectClient::new(&service).unwrap().ask();
    let settings = [("topics".to_owned(), "orders".to_owned())].into();
    let archive = Connector { name: "archive".into(), kind: ConnectorKind::Sink, settings, unknown: Vec::new() };
    let expected = ConnectAnswer { kafka_cluster_id: Some("LandfallLandfallLandfA".into()), connectors: vec![archive] };
    assert!(!format!("{seen:?} {service:?}").contains("made-up-secret"));
    assert_eq!(seen, ConnectCluster { url, answer: Ok(expected) });
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("GET / HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[1].starts_with("GET /connectors?expand=info HTTP/1.1\r\n"), "{}", asked[1]);
    assert!(asked.iter().all(|one| one.to_lowercase().contains("authorization: basic ")), "{asked:?}");
}

#[test]
fn an_answer_that_is_none_of_connect_is_an_error_and_no_empty_list() {
    let html = "<!doctype html><title>Sign in</title>";
    let redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let with_status = |status: &str| answer(status, "application/json", "{}");
    for (answers, expected) in [
        (vec![answer("200 OK", "text/html", html)], AnswerError::NotJson),
        (vec![json(ROOT), answer("200 OK", "text/html", html)], AnswerError::NotJson),
        (vec![redirect.to_owned()], AnswerError::Redirect { status: 302 }),
        (vec![with_status("401 Unauthorized")], AnswerError::Refused { status: 401 }),
        (vec![json(ROOT), with_status("403 Forbidden")], AnswerError::Refused { status: 403 }),
        (vec![with_status("404 Not Found")], AnswerError::NotFound),
        (vec![json(ROOT), with_status("409 Conflict")], AnswerError::Rebalancing),
        (vec![with_status("500 Internal Server Error")], AnswerError::Status { status: 500 }),
        (vec![json("{}")], AnswerError::Form),
        (vec![json("[]")], AnswerError::Form),
        (vec![json(ROOT), json(r#"["archive"]"#)], AnswerError::NamesOnly),
    ] {
        let (url, asked) = serve(answers);
        assert_eq!(ask(&Service::new(url)), Err(ConnectError::Answer(expected)));
        asked.join().unwrap();
    }
}

#[test]
fn connect_that_does_not_say_which_cluster_it_uses_is_kept_apart() {
    let (url, _) = serve(vec![json(r#"{"version":"1.0.0","commit":"x"}"#), json("{}")]);
    let expected = ConnectAnswer { kafka_cluster_id: None, connectors: Vec::new() };
    assert_eq!(ask(&Service::new(url)), Ok(expected));
}

#[test]
fn an_answer_without_end_is_given_up() {
    let body = format!("{{\"version\":\"{}\"}}", "x".repeat(usize::try_from(MAX_ANSWER).unwrap()));
    let (url, _) = serve(vec![json(&body)]);
    assert_eq!(ask(&Service::new(url)), Err(ConnectError::TooLarge));
}

#[test]
fn nobody_there_is_an_error_with_its_reason() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = ask(&Service::new(format!("http://{free}").parse().unwrap())).unwrap_err();
    assert!(matches!(&error, ConnectError::Unreachable { reason } if reason.contains("refused")), "{error}");
}

#[test]
fn a_request_that_takes_too_long_is_a_timeout() {
    let error = |error| ConnectError::from(error);
    assert_eq!(error(ureq::Error::Timeout(ureq::Timeout::Global)), ConnectError::TimedOut);
    assert_eq!(error(ureq::Error::Io(io::ErrorKind::TimedOut.into())), ConnectError::TimedOut);
}
