//! What the API server was asked, by whom, and what it answered.

use std::{
    fs::File,
    io::{self, BufReader},
    path::Path,
};

use serde::Deserialize;

use super::ClusterError;

pub(super) const LOG: &str = "log/audit.log";
pub(super) const POLICY_FILE: &str = "audit-policy.yaml";
/// Every request once it is answered, watches once they begin too; no bodies.
pub(super) const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
";

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// `system:serviceaccount:NAMESPACE:NAME` for service accounts.
    pub user: String,
    pub verb: String,
    /// With its subresource: `pods/log`; empty for what is no resource.
    pub resource: String,
    pub api_group: String,
    pub namespace: String,
    pub name: String,
    /// Path and query.
    pub uri: String,
    pub code: u16,
    /// `ResponseStarted` (watches, as soon as they run), `ResponseComplete` or `Panic`.
    pub stage: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    stage: String,
    verb: String,
    user: User,
    #[serde(rename = "requestURI")]
    uri: String,
    #[serde(default)]
    object_ref: ObjectRef,
    #[serde(default)]
    response_status: ResponseStatus,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectRef {
    resource: String,
    subresource: String,
    api_group: String,
    namespace: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResponseStatus {
    code: u16,
}

impl AuditEntry {
    /// The user may not do what was asked.
    pub fn is_forbidden(&self) -> bool {
        self.code == 403
    }

    /// The user is a service account of this namespace.
    pub fn is_of_namespace(&self, namespace: &str) -> bool {
        let account = self.user.strip_prefix("system:serviceaccount:");
        account.and_then(|account| account.split_once(':')).is_some_and(|(of, _)| of == namespace)
    }
}

impl From<Line> for AuditEntry {
    fn from(line: Line) -> Self {
        let ObjectRef { resource, subresource, api_group, namespace, name } = line.object_ref;
        let resource = if subresource.is_empty() { resource } else { format!("{resource}/{subresource}") };
        Self {
            user: line.user.username,
            verb: line.verb,
            resource,
            api_group,
            namespace,
            name,
            uri: line.uri,
            code: line.response_status.code,
            stage: line.stage,
        }
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<AuditEntry>, ClusterError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ClusterError::file("open", path)(error)),
    };
    parse(BufReader::new(file)).map_err(ClusterError::file("read", path))
}

fn parse(mut reader: impl io::BufRead) -> io::Result<Vec<AuditEntry>> {
    let mut entries = Vec::new();
    let mut line = String::new();
    // A last line without its end is still being written.
    while reader.read_line(&mut line)? > 0 && line.ends_with('\n') {
        entries.push(serde_json::from_str::<Line>(&line)?.into());
        line.clear();
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_asked_for_what_and_a_half_written_one_waits() {
        let line = r#"{"kind":"Event","level":"Metadata","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/pods/p/log","verb":"get",
            "user":{"username":"system:serviceaccount:landfall:agent","groups":["x"]},
            "objectRef":{"resource":"pods","namespace":"a","name":"p","apiVersion":"v1","subresource":"log"},
            "responseStatus":{"metadata":{},"code":403}}"#
            .replace('\n', " ");
        let entries = parse(format!("{line}\n{}", &line[..90]).as_bytes()).unwrap();

        let expected = AuditEntry {
            user: "system:serviceaccount:landfall:agent".into(),
            verb: "get".into(),
            resource: "pods/log".into(),
            api_group: String::new(),
            namespace: "a".into(),
            name: "p".into(),
            uri: "/api/v1/namespaces/a/pods/p/log".into(),
            code: 403,
            stage: "ResponseComplete".into(),
        };
        assert_eq!(entries, [expected]);
        assert!(
            entries[0].is_forbidden() && entries[0].is_of_namespace("landfall") && !entries[0].is_of_namespace("land")
        );
    }
}
