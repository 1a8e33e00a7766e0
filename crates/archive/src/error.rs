//! Why a copy cannot be written or read.

use std::fmt;

use landfall_evidence::LedgerError;
use object_store::client::{HttpError, HttpErrorKind};

/// What a store refused. Its text contains nothing of the store's answer but codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{object}: {reason}{}", Codes(.status, .code))]
pub struct StoreError {
    /// The object's URL.
    pub object: String,
    /// Why.
    pub reason: Reason,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The store's own code, such as `AccessDenied`.
    pub code: Option<String>,
}

/// Why, as metrics name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The credentials do not allow it, or there are none.
    Denied,
    /// There is no such bucket or object.
    NotFound,
    /// The object exists with other bytes.
    Differs,
    /// The store does not answer, or answers that it cannot now.
    Unavailable,
    /// The store does not accept the request.
    Refused,
    /// The ledger's own files cannot be read or are not those that were sealed.
    Ledger,
}

/// Why a segment was not copied.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The store.
    #[error("segment {number}")]
    Segment {
        /// Its number.
        number: u64,
        /// What the store refused.
        source: StoreError,
    },
    /// The store, for something other than a segment.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file of the ledger is missing before its time, or is not the one that was sealed.
    #[error("segment {number}: {file} {why}; run `landfall ledger verify`")]
    File {
        /// The segment's number.
        number: u64,
        /// The file's name.
        file: String,
        /// What is wrong.
        why: &'static str,
    },
    /// An anchor is none.
    #[error("{object}: {why}")]
    Anchor {
        /// The object's URL.
        object: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A location without a ledger.
    #[error("{0}: nothing of a ledger is there")]
    Empty(String),
}

/// Codes of an answer, in brackets.
struct Codes<'a>(&'a Option<u16>, &'a Option<String>);

impl Reason {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Denied, Self::NotFound, Self::Differs, Self::Unavailable, Self::Refused, Self::Ledger];

    /// Its label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::Differs => "differs",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Ledger => "ledger",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied => "the store denies access",
            Self::NotFound => "not found",
            Self::Differs => "exists with other content (HeadDiffers): another ledger writes there, or another history",
            Self::Unavailable => "the store does not answer",
            Self::Refused => "the store refuses the request",
            Self::Ledger => "the ledger's files cannot be read",
        })
    }
}

impl fmt::Display for Codes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(None, None) => Ok(()),
            Self(Some(status), None) => write!(f, " ({status})"),
            Self(None, Some(code)) => write!(f, " ({code})"),
            Self(Some(status), Some(code)) => write!(f, " ({status} {code})"),
        }
    }
}

impl StoreError {
    pub(crate) fn new(object: String, reason: Reason) -> Self {
        Self { object, reason, status: None, code: None }
    }

    /// Takes codes from an error, and nothing else.
    pub(crate) fn from_store(object: String, error: &object_store::Error) -> Self {
        let text = error.to_string();
        let (status, code) = (status(&text), code(&text));
        let reason = match error {
            object_store::Error::NotFound { .. } => Reason::NotFound,
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                Reason::Denied
            }
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => Reason::Differs,
            _ => match status {
                Some(401 | 403) => Reason::Denied,
                Some(429 | 500..) => Reason::Unavailable,
                Some(_) => Reason::Refused,
                // Without a status there was no answer; in a folder, the operating system refused.
                None => local_reason(error).unwrap_or(Reason::Unavailable),
            },
        };
        let code = code.or_else(|| transport(error).map(str::to_owned));
        Self { object, reason, status, code }
    }
}

impl ArchiveError {
    /// Why, as metrics name it.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Segment { source, .. } | Self::Store(source) => source.reason,
            Self::Ledger(_) | Self::File { .. } => Reason::Ledger,
            Self::Anchor { .. } => Reason::Differs,
            Self::Empty(_) => Reason::NotFound,
        }
    }
}

/// The causes of an error, itself first.
fn chain(error: &object_store::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}

/// How a request failed without an answer.
fn transport(error: &object_store::Error) -> Option<&'static str> {
    let kind = chain(error).find_map(|error| error.downcast_ref::<HttpError>())?.kind();
    Some(match kind {
        HttpErrorKind::Connect => "no connection",
        HttpErrorKind::Timeout => "timeout",
        HttpErrorKind::Interrupted | HttpErrorKind::Request => "connection lost",
        _ => "no valid answer",
    })
}

fn local_reason(error: &object_store::Error) -> Option<Reason> {
    let cause = chain(error).find_map(|error| error.downcast_ref::<std::io::Error>())?;
    (cause.kind() == std::io::ErrorKind::PermissionDenied).then_some(Reason::Denied)
}

/// The status that `object_store` writes into its texts.
fn status(text: &str) -> Option<u16> {
    let digits = text.split_once("status code: ")?.1.get(..3)?;
    digits.parse().ok().filter(|status| (100..600).contains(status))
}

/// The code in an answer of S3 or Azure.
fn code(text: &str) -> Option<String> {
    let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
    ((1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_answer_only_its_codes_are_kept() {
        let answer = "Server returned non-2xx status code: 403 Forbidden: <?xml?><Error><Code>SignatureDoesNotMatch</Code>\
                      <AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId></Error>";
        let error = object_store::Error::Generic { store: "S3", source: answer.into() };
        let read = StoreError::from_store("s3://bucket/segments/00000001-windows.leaves".to_owned(), &error);
        assert_eq!(
            read.to_string(),
            "s3://bucket/segments/00000001-windows.leaves: the store denies access (403 SignatureDoesNotMatch)"
        );
        assert!(!format!("{read:?}").contains("AKIDEXAMPLE"));
        for odd in ["<Code>a b</Code>", "<Code></Code>", "<Code>x", &format!("<Code>{}</Code>", "x".repeat(65))] {
            assert_eq!(code(odd), None, "{odd}");
        }
        assert_eq!(status("status code: 9999"), None);
        assert_eq!(status("status code: 50"), None);
    }

    #[test]
    fn every_status_has_a_reason() {
        for (status, expected) in [
            (400, Reason::Refused),
            (401, Reason::Denied),
            (403, Reason::Denied),
            (429, Reason::Unavailable),
            (501, Reason::Unavailable),
            (503, Reason::Unavailable),
        ] {
            let text = format!("status code: {status}");
            let error = object_store::Error::Generic { store: "S3", source: text.into() };
            assert_eq!(StoreError::from_store(String::new(), &error).reason, expected, "{status}");
        }
        assert_eq!(Reason::ALL.map(Reason::name).len(), 6);
    }
}
