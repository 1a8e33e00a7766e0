//! Apicurio's schema registry, which keeps its schemas in memory. It drops `metadata` and `ruleSet` of a schema without an
//! error: for these there is [`super::FakeRegistry`].

use std::path::Path;

use serde_json::{Value, json};
use ureq::Agent;

use super::{Installation, KafkaError, jvm};
use crate::cluster::{Daemon, control_plane::free_port, process::Folder};

const HEAP_MEGABYTES: u32 = 256;

/// A running registry; dropped, it is ended.
#[derive(Debug)]
pub struct Registry {
    daemon: Daemon,
    client: Agent,
    url: String,
}

impl Registry {
    /// Starts one and waits until it answers.
    pub fn start(installation: &Installation, folder: &Path) -> Result<Self, KafkaError> {
        let folder = Folder { path: folder.to_owned() };
        let (port, management) = (free_port()?, free_port()?);
        let mut command = jvm::java(&installation.registry_java(), HEAP_MEGABYTES);
        for (name, value) in [
            ("http.host", "127.0.0.1"),
            ("http.port", &port.to_string()),
            // Without these it listens on every address.
            ("management.host", "127.0.0.1"),
            ("management.port", &management.to_string()),
            ("log.level", "WARN"),
            ("banner.enabled", "false"),
        ] {
            command.push(format!("-Dquarkus.{name}={value}"));
        }
        command.extend(["-jar".to_owned(), installation.registry().display().to_string()]);
        let daemon = folder.start("registry", &[], &command)?;
        let url = format!("http://127.0.0.1:{port}/apis/ccompat/v7");
        let mut registry = Self { daemon, client: jvm::client(), url };
        let (client, subjects) = (&registry.client, format!("{}/subjects", registry.url));
        jvm::await_true("the registry", &mut registry.daemon, || jvm::json(client, &subjects, None).is_ok())?;
        Ok(registry)
    }

    /// Of the interface that Confluent's clients speak, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Registers a schema of type `AVRO`, `PROTOBUF` or `JSON` for a subject; its id.
    pub fn register(&self, subject: &str, schema_type: &str, schema: &str) -> Result<u64, KafkaError> {
        self.register_with(subject, schema_type, schema, &json!([]))
    }

    /// The same for a schema that refers to others: `[{name, subject, version}]`.
    pub fn register_with(
        &self,
        subject: &str,
        schema_type: &str,
        schema: &str,
        references: &Value,
    ) -> Result<u64, KafkaError> {
        let url = format!("{}/subjects/{subject}/versions", self.url);
        let body = json!({ "schemaType": schema_type, "schema": schema, "references": references });
        let answer = jvm::json(&self.client, &url, Some(("POST", &body)))?;
        let no_id = || KafkaError::Status { url, status: 200, text: answer.to_string() };
        answer["id"].as_u64().ok_or_else(no_id)
    }

    /// What it answers at a path, such as `/schemas/ids/1?deleted=true`.
    pub fn get(&self, path: &str) -> Result<Value, KafkaError> {
        jvm::json(&self.client, &format!("{}{path}", self.url), None)
    }
}
