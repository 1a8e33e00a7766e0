//! The query for records.

use std::str::FromStr;

use jiff::Timestamp;
use landfall_evidence::RecordKind;

/// A query for records; by default all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) kinds: Vec<RecordKind>,
    /// Appended at this instant or later.
    pub(crate) from: Timestamp,
    /// Appended before this instant.
    pub(crate) until: Timestamp,
    /// With a greater id.
    pub(crate) after: u64,
}

/// An invalid query. The error names the parameter, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("kind: expected kinds of records, separated by commas")]
    Kind,
    #[error("{0}: expected an instant of RFC 3339 in UTC, such as 2026-11-23T00:00:00Z")]
    Instant(&'static str),
    #[error("after: expected the id of a record")]
    After,
    #[error("expected the parameters kind, from, until and after")]
    Unknown,
}

impl Default for Query {
    fn default() -> Self {
        Self { kinds: Vec::new(), from: Timestamp::MIN, until: Timestamp::MAX, after: 0 }
    }
}

impl FromStr for Query {
    type Err = QueryError;

    /// Percent-decoding is not needed: no valid name or value contains a reserved character (RFC 3986, section 3.4).
    fn from_str(text: &str) -> Result<Self, QueryError> {
        let mut query = Self::default();
        let instant = |name, value: &str| value.parse().map_err(|_| QueryError::Instant(name));
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=').ok_or(QueryError::Unknown)? {
                ("kind", kinds) => {
                    let kind = |kind: &str| serde_json::from_value(kind.into()).map_err(|_| QueryError::Kind);
                    query.kinds = kinds.split(',').map(kind).collect::<Result<_, _>>()?;
                }
                ("from", value) => query.from = instant("from", value)?,
                ("until", value) => query.until = instant("until", value)?,
                ("after", value) => query.after = value.parse().map_err(|_| QueryError::After)?,
                _ => return Err(QueryError::Unknown),
            }
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "kind=judgment,rollup&from=2026-11-23T00:00:00Z&until=2026-11-24T00:00:00Z&after=7";

    #[test]
    fn a_query_is_parsed_and_every_prefix_is_parsed_or_rejected() {
        let expected = Query {
            kinds: vec![RecordKind::Judgment, RecordKind::Rollup],
            from: "2026-11-23T00:00:00Z".parse().unwrap(),
            until: "2026-11-24T00:00:00Z".parse().unwrap(),
            after: 7,
        };
        assert_eq!(QUERY.parse(), Ok(expected));
        assert_eq!("".parse(), Ok(Query::default()));
        for end in 0..QUERY.len() {
            // A prefix is another query or invalid; the error contains no part of it.
            if let Err(error) = QUERY[..end].parse::<Query>() {
                assert!(!error.to_string().contains("judgment"), "{error}");
            }
        }
    }

    #[test]
    fn errors_name_the_invalid_parameter() {
        let refused = |text: &str| text.parse::<Query>().unwrap_err();
        assert_eq!(refused("kind=secret"), QueryError::Kind);
        assert!(!refused("kind=secret").to_string().contains("secret"));
        assert_eq!(refused("from=yesterday"), QueryError::Instant("from"));
        assert_eq!(refused("until="), QueryError::Instant("until"));
        assert_eq!(refused("after=-1"), QueryError::After);
        assert_eq!([refused("limit=1"), refused("kind")], [QueryError::Unknown; 2]);
    }
}
