//! Interprets answers of the operator.

use std::time::Duration;

use serde::Deserialize;

use super::{Acknowledged, FailureKind, Refusal, RefusalReason, RejectedRecord};

/// Maximum size of an answer that is read.
pub const MAX_ANSWER: u64 = 64 * 1024;
/// Maximum `Retry-After` that is respected: after a longer silence the agent would count as gone.
const MAX_WAIT: Duration = Duration::from_mins(5);
const MAX_REASON: usize = 64;
/// The operator's reason for a window in the future.
const EARLY: &str = "ClockAhead";
/// Its reason for a cluster or agent that does not match its configuration or the token.
const FOREIGN: &str = "ForeignIdentity";
const MAX_MESSAGE: usize = 512;

#[derive(Deserialize)]
struct Taken {
    acknowledged: u64,
}

#[derive(Deserialize)]
struct Refused {
    reason: String,
    #[serde(default)]
    message: String,
    record: Option<usize>,
    seq: Option<u64>,
}

/// Interprets an answer: its status, the header `Retry-After` and its body.
///
/// An answer that the operator never gives comes from a proxy, and must not lose a record.
pub fn read_answer(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<Acknowledged, Refusal> {
    match status {
        200 => match serde_json::from_slice(body) {
            Ok(Taken { acknowledged }) => Ok(Acknowledged { through: acknowledged }),
            Err(_) => Err(foreign(status)),
        },
        400 | 413 | 415 | 422 | 401 | 403 => {
            let Ok(Refused { reason, message, record, seq }) = serde_json::from_slice(body) else {
                return Err(foreign(status));
            };
            let told = RefusalReason { reason: clean(&reason, MAX_REASON), message: clean(&message, MAX_MESSAGE) };
            let culprit = seq.map(RejectedRecord::Seq).or(record.map(RejectedRecord::Index));
            Err(match (status, culprit) {
                (403, _) if told.reason == FOREIGN => Refusal::Foreign { told },
                (401 | 403, _) => Refusal::Unauthorised { told },
                (413, None) => Refusal::TooLarge { told },
                (_, culprit) => Refusal::Rejected { told, culprit },
            })
        }
        429 | 503 => {
            let seconds = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
            let after = seconds.map(|wait| wait.min(MAX_WAIT));
            Err(match serde_json::from_slice(body) {
                Ok(Refused { reason, message, .. }) if reason == EARLY => {
                    Refusal::Early { told: RefusalReason { reason, message: clean(&message, MAX_MESSAGE) }, after }
                }
                _ => Refusal::Busy { after },
            })
        }
        _ => Err(foreign(status)),
    }
}

fn foreign(status: u16) -> Refusal {
    Refusal::Failed {
        kind: FailureKind::Answer,
        error: format!("an answer with status {status} that is not the operator's"),
    }
}

fn clean(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reason: &str, message: &str) -> RefusalReason {
        RefusalReason { reason: reason.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn answers_mean_what_the_protocol_says() {
        let busy = |seconds: Option<u64>| Refusal::Busy { after: seconds.map(Duration::from_secs) };
        let rejected = |culprit| Refusal::Rejected { told: told("FutureWindow", "ahead"), culprit };
        let unauthorised = Refusal::Unauthorised { told: told("TokenRefused", "") };
        for (status, retry_after, body, expected) in [
            (200, None, r#"{"acknowledged": 17, "more": 1}"#, Ok(Acknowledged { through: 17 })),
            (400, None, r#"{"reason":"FutureWindow","message":"ahead"}"#, Err(rejected(None))),
            (
                422,
                None,
                r#"{"reason":"FutureWindow","message":"ahead","record":3}"#,
                Err(rejected(Some(RejectedRecord::Index(3)))),
            ),
            (
                415,
                None,
                r#"{"reason":"FutureWindow","message":"ahead","record":3,"seq":9}"#,
                Err(rejected(Some(RejectedRecord::Seq(9)))),
            ),
            (413, None, r#"{"reason":"TooLarge"}"#, Err(Refusal::TooLarge { told: told("TooLarge", "") })),
            (
                413,
                None,
                r#"{"reason":"FutureWindow","message":"ahead","seq":9}"#,
                Err(rejected(Some(RejectedRecord::Seq(9)))),
            ),
            (401, None, r#"{"reason":"TokenRefused","message":"\n"}"#, Err(unauthorised.clone())),
            (403, None, r#"{"reason":"TokenRefused"}"#, Err(unauthorised)),
            (403, None, r#"{"reason":"ForeignIdentity"}"#, Err(Refusal::Foreign { told: told("ForeignIdentity", "") })),
            (
                503,
                Some("3301"),
                r#"{"reason":"ClockAhead","message":"ahead","record":0,"seq":9}"#,
                Err(Refusal::Early { told: told("ClockAhead", "ahead"), after: Some(Duration::from_mins(5)) }),
            ),
            (503, Some("2"), r#"{"reason":"LedgerStalled"}"#, Err(busy(Some(2)))),
            (429, Some(" 7 "), "", Err(busy(Some(7)))),
            (503, Some("100000"), "busy", Err(busy(Some(300)))),
            (503, Some("Mon, 23 Nov 2026 10:00:00 GMT"), "", Err(busy(None))),
            (503, None, "", Err(busy(None))),
        ] {
            assert_eq!(read_answer(status, retry_after, body.as_bytes()), expected, "{status} {body}");
        }
    }

    #[test]
    fn an_answer_that_is_not_the_operators_loses_no_record() {
        for (status, body) in [
            (200, "<html>"),
            (200, "{}"),
            (200, r#"{"acknowledged":-1}"#),
            (204, ""),
            (302, ""),
            (400, "<html>Bad Request</html>"),
            (401, ""),
            (404, r#"{"reason":"NotFound"}"#),
            (413, "too large"),
            (500, r#"{"reason":"Internal"}"#),
            (502, ""),
        ] {
            let answer = read_answer(status, None, body.as_bytes());
            assert!(matches!(answer, Err(Refusal::Failed { kind: FailureKind::Answer, .. })), "{status} {body}");
        }
    }

    #[test]
    fn every_prefix_of_an_answer_is_read_or_foreign() {
        let body = r#"{"reason":"FutureWindow","message":"ahead","record":3}"#;
        for end in 0..body.len() {
            let answer = read_answer(422, None, &body.as_bytes()[..end]);
            assert!(matches!(answer, Err(Refusal::Failed { .. })), "{end} bytes");
        }
    }
}
