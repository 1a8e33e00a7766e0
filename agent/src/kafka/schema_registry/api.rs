//! The addresses under which registries keep what is asked for.
//!
//! Confluent's interface is what nearly all registries speak (Karapace, Redpanda, Apicurio under `/apis/ccompat`).
//! Apicurio has ids of its own besides, under `/apis/registry`.

use std::fmt::Write as _;

use super::error::RegistryError;
use crate::kafka::{
    schema::{SchemaId, hyphenated},
    service::ServiceUrl,
};

/// Where a registry keeps its schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Api {
    /// Base of Confluent's interface.
    confluent: String,
    /// Base of Apicurio's own interface, if the registry is one.
    apicurio: Option<String>,
}

/// An address, and what is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A schema in an object, with type and references.
    Document { url: String },
    /// A schema as such, and an address of its references.
    Content { url: String, references: String },
}

// === impl Api ===

impl Api {
    /// The interfaces of the registry with this base address.
    pub(super) fn new(url: &ServiceUrl) -> Self {
        let base = url.as_str();
        let root = ["/apis/ccompat/", "/apis/registry/"].iter().find_map(|path| base.split_once(path));
        match root {
            Some((root, rest)) => {
                let is_confluent = base[root.len()..].starts_with("/apis/ccompat/");
                let confluent = if is_confluent { base.to_owned() } else { format!("{root}/apis/ccompat/v7") };
                let version = if is_confluent { "v3" } else { rest };
                Self { confluent, apicurio: Some(format!("{root}/apis/registry/{version}")) }
            }
            None => Self { confluent: base.to_owned(), apicurio: None },
        }
    }

    /// Where the schema with this id is.
    ///
    /// # Errors
    ///
    /// If the registry has no ids of this kind. Those of AWS Glue are never asked for: its interface wants requests
    /// that are signed with AWS credentials.
    pub(super) fn schema(&self, id: &SchemaId) -> Result<Place, RegistryError> {
        let apicurio = || self.apicurio.as_deref().ok_or(RegistryError::OtherRegistry);
        match id {
            SchemaId::Id(id) => {
                Ok(Place::Document { url: format!("{}/schemas/ids/{id}?deleted=true", self.confluent) })
            }
            SchemaId::Guid(guid) => {
                Ok(Place::Document { url: format!("{}/schemas/guids/{}", self.confluent, hyphenated(guid)) })
            }
            SchemaId::GlobalId(id) => {
                let base = format!("{}/ids/globalIds/{id}", apicurio()?);
                Ok(Place::Content {
                    url: format!("{base}?returnArtifactType=true"),
                    references: format!("{base}/references"),
                })
            }
            SchemaId::ContentId(id) => {
                let base = format!("{}/ids/contentIds/{id}", apicurio()?);
                Ok(Place::Content { references: format!("{base}/references"), url: base })
            }
            SchemaId::Glue(_) => Err(RegistryError::OtherRegistry),
        }
    }

    /// Where a version of a subject is: a number, or `latest`. Deleted ones are found too, since messages and other
    /// schemas outlive them.
    pub(super) fn version(&self, subject: &str, version: &str) -> Place {
        let deleted = if version == "latest" { "" } else { "?deleted=true" };
        let url = format!("{}/subjects/{}/versions/{}{deleted}", self.confluent, encoded(subject), encoded(version));
        Place::Document { url }
    }

    /// Where a version of an artifact is that Apicurio names as a reference.
    pub(super) fn artifact(&self, group: &str, artifact: &str, version: &str) -> Option<Place> {
        let base = self.apicurio.as_deref()?;
        let (group, artifact, version) = (encoded(group), encoded(artifact), encoded(version));
        let base = format!("{base}/groups/{group}/artifacts/{artifact}/versions/{version}");
        Some(Place::Content { url: format!("{base}/content"), references: format!("{base}/references") })
    }
}

// === impl Place ===

impl Place {
    pub(super) fn url(&self) -> &str {
        let (Self::Document { url } | Self::Content { url, .. }) = self;
        url
    }
}

/// A name as one segment of a path (RFC 3986, section 2).
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: [u8; 16] = [1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];

    fn api(url: &str) -> Api {
        Api::new(&url.parse().unwrap())
    }

    #[test]
    fn confluents_interface_is_below_the_path_of_the_address() {
        let api = api("http://registry:8081/behind");
        let url = |id| api.schema(&id).map(|place| place.url().to_owned());
        assert_eq!(url(SchemaId::Id(7)).unwrap(), "http://registry:8081/behind/schemas/ids/7?deleted=true");
        assert_eq!(
            url(SchemaId::Guid(GUID)).unwrap(),
            "http://registry:8081/behind/schemas/guids/01234567-89ab-cdef-0123-456789abcdef"
        );
        for id in [SchemaId::GlobalId(7), SchemaId::ContentId(7), SchemaId::Glue(GUID)] {
            assert!(matches!(url(id), Err(RegistryError::OtherRegistry)));
        }
        assert_eq!(api.artifact("default", "address", "1"), None);
        assert_eq!(
            api.version("google/type ü.proto", "2").url(),
            "http://registry:8081/behind/subjects/google%2Ftype%20%C3%BC.proto/versions/2?deleted=true"
        );
        assert_eq!(
            api.version("orders-value", "latest").url(),
            "http://registry:8081/behind/subjects/orders-value/versions/latest"
        );
    }

    #[test]
    fn apicurios_two_interfaces_are_found_from_either() {
        for base in ["http://registry/apis/ccompat/v7", "http://registry/apis/registry/v3/"] {
            let api = api(base);
            let at = |path: &str| format!("http://registry/apis/{path}");
            let place = |id| api.schema(&id).unwrap();
            assert_eq!(place(SchemaId::Id(7)).url(), at("ccompat/v7/schemas/ids/7?deleted=true"));
            let (url, references) = (
                at("registry/v3/ids/globalIds/7?returnArtifactType=true"),
                at("registry/v3/ids/globalIds/7/references"),
            );
            assert_eq!(place(SchemaId::GlobalId(7)), Place::Content { url, references });
            let (url, references) = (at("registry/v3/ids/contentIds/7"), at("registry/v3/ids/contentIds/7/references"));
            assert_eq!(place(SchemaId::ContentId(7)), Place::Content { url, references });
            let artifact = api.artifact("default", "a/b", "1").unwrap();
            assert_eq!(artifact.url(), at("registry/v3/groups/default/artifacts/a%2Fb/versions/1/content"));
            assert!(api.schema(&SchemaId::Glue(GUID)).is_err());
        }
    }
}
