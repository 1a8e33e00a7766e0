//! What our clients hear of librdkafka.

#[cfg(test)]
mod tests;

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, config::RDKafkaLogLevel, consumer::ConsumerContext, error::KafkaError, statistics::Statistics,
    types::RDKafkaErrorCode,
};

use crate::kafka::{printable::printable, properties::Properties};

/// The longest reason that is kept, in characters.
const MAX_REASON: usize = 300;
/// For so long a reason is kept although one came later that explains less.
const LASTING: Duration = Duration::from_secs(30);
/// How librdkafka marks the loss of a connection in its log.
const FAILURE: &str = "FAIL";
/// Parts of the names of properties whose values are never shown.
const CREDENTIALS: [&str; 5] = ["password", "secret", "token", "key", "jaas"];

/// Keeps the reason of the last failure: librdkafka tells its log and its handler of errors alone why a connection, a
/// handshake or a login failed. Nothing is printed.
#[derive(Default)]
pub(crate) struct Context {
    /// What must not stand in a reason: a broker can send back what it was sent.
    credentials: Vec<String>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    reason: Option<Reason>,
    /// Whether no broker was left that had not failed.
    were_all_down: bool,
}

struct Reason {
    text: String,
    weight: Weight,
    at: Instant,
}

/// How much a reason explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// A line of the log.
    Line,
    /// A connection was not made, or was lost: it can be made later.
    Connection,
    /// A certificate or a login is refused: trying again does not help.
    Refusal,
}

// === impl Context ===

impl Context {
    /// For a client with these properties, whose credentials are never shown.
    pub(crate) fn hiding(properties: &Properties) -> Self {
        let is_credential =
            |name: &str| CREDENTIALS.iter().any(|part| name.contains(part)) && !name.ends_with(".location");
        let values = properties.iter().filter(|(name, value)| is_credential(name) && !value.is_empty());
        Self { credentials: values.map(|(_, value)| value.to_owned()).collect(), known: Mutex::default() }
    }

    /// Names an error, with the reason of the last failure if it may be its cause.
    pub(crate) fn explain(&self, error: &KafkaError) -> String {
        match error.rdkafka_error_code() {
            Some(code) => self.explain_code(code),
            None => error.to_string(),
        }
    }

    /// As [`Self::explain`], of a code.
    pub(crate) fn explain_code(&self, code: RDKafkaErrorCode) -> String {
        // Other errors are answers of a broker, which say all.
        let is_local = matches!(
            code,
            RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::Authentication
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::SSL
        );
        match self.reason().filter(|_| is_local) {
            Some(reason) => format!("{code}: {reason}"),
            None => code.to_string(),
        }
    }

    /// The reason of the last failure.
    pub(crate) fn reason(&self) -> Option<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.reason.as_ref().map(|reason| reason.text.clone())
    }

    /// Whether all brokers have failed, and at least one refuses this client: it is of no use to wait.
    pub(crate) fn is_refused(&self) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.were_all_down && known.reason.as_ref().is_some_and(|reason| reason.weight == Weight::Refusal)
    }

    fn keep(&self, weight: Weight, text: &str) {
        let text = self.shown(text);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.reason.as_ref().is_none_or(|reason| reason.weight <= weight || reason.at.elapsed() > LASTING) {
            known.reason = Some(Reason { text, weight, at: Instant::now() });
        }
    }

    /// A text of librdkafka's without credentials, without the state of its connection at the end, and of a length that can
    /// be read.
    fn shown(&self, text: &str) -> String {
        // `[thrd:ssl://192.0.2.1:9093/bootstrap]: ssl://192.0.2.1:9093/bootstrap: Connect to … failed (after 1ms in state …)`
        let text = text.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")).map_or(text, |(_, rest)| rest);
        let mut text = text.trim().to_owned();
        for credential in &self.credentials {
            text = text.replace(credential.as_str(), "(hidden)");
        }
        if let Some(end) = text.rfind(" (after ").filter(|_| text.ends_with(')')) {
            text.truncate(end);
        }
        printable(&text).chars().take(MAX_REASON).collect()
    }
}

impl ClientContext for Context {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, text: &str) {
        if facility == FAILURE {
            self.keep(Weight::Line, text);
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        match error.rdkafka_error_code() {
            // Why, the brokers' own errors have said.
            Some(RDKafkaErrorCode::AllBrokersDown) => {
                self.known.lock().unwrap_or_else(PoisonError::into_inner).were_all_down = true;
            }
            Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL) => self.keep(Weight::Refusal, reason),
            _ => self.keep(Weight::Connection, reason),
        }
    }

    fn stats(&self, _: Statistics) {}
}

impl ConsumerContext for Context {}
