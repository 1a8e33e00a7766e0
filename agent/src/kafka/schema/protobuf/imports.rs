//! What a Protobuf schema imports: its references, and files that registries know without a reference.

use std::collections::HashMap;

use protox::{
    Error,
    file::{File, FileResolver, GoogleFileResolver},
};

use crate::kafka::schema::SchemaSource;

/// The name of the schema itself.
pub(super) const MAIN: &str = "landfall/registered.proto";

/// Tags and other notes on a schema
/// (<https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/serdes-protobuf.html>).
const CONFLUENT_META: &str = r#"syntax = "proto3";
package confluent;
import "google/protobuf/descriptor.proto";
message Meta {
  string doc = 1;
  map<string, string> params = 2;
  repeated string tags = 3;
}
extend google.protobuf.FileOptions { Meta file_meta = 1088; }
extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }
"#;

const CONFLUENT_DECIMAL: &str = r#"syntax = "proto3";
package confluent.type;
message Decimal {
  bytes value = 1;
  uint32 precision = 2;
  int32 scale = 3;
}
"#;

/// Common types of Google's APIs, by the names and numbers of their fields (<https://google.aip.dev/213>).
const GOOGLE_DATE: &str = r#"syntax = "proto3";
package google.type;
message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
"#;

const GOOGLE_MONEY: &str = r#"syntax = "proto3";
package google.type;
message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }
"#;

const GOOGLE_LATLNG: &str = r#"syntax = "proto3";
package google.type;
message LatLng { double latitude = 1; double longitude = 2; }
"#;

const GOOGLE_POSTAL_ADDRESS: &str = r#"syntax = "proto3";
package google.type;
message PostalAddress {
  int32 revision = 1;
  string region_code = 2;
  string language_code = 3;
  string postal_code = 4;
  string sorting_code = 5;
  string administrative_area = 6;
  string locality = 7;
  string sublocality = 8;
  repeated string address_lines = 9;
  repeated string recipients = 10;
  string organization = 11;
}
"#;

const GOOGLE_PHONE_NUMBER: &str = r#"syntax = "proto3";
package google.type;
message PhoneNumber {
  message ShortCode { string region_code = 1; string number = 2; }
  oneof kind { string e164_number = 1; ShortCode short_code = 2; }
  string extension = 3;
}
"#;

const KNOWN: [(&str, &str); 7] = [
    ("confluent/meta.proto", CONFLUENT_META),
    ("confluent/type/decimal.proto", CONFLUENT_DECIMAL),
    ("google/type/date.proto", GOOGLE_DATE),
    ("google/type/latlng.proto", GOOGLE_LATLNG),
    ("google/type/money.proto", GOOGLE_MONEY),
    ("google/type/phone_number.proto", GOOGLE_PHONE_NUMBER),
    ("google/type/postal_address.proto", GOOGLE_POSTAL_ADDRESS),
];

/// Texts of a schema and its references by name.
pub(super) struct Imports {
    texts: HashMap<String, String>,
    google: GoogleFileResolver,
}

// === impl Imports ===

impl Imports {
    pub(super) fn new(source: &SchemaSource) -> Self {
        let mut imports = Self { texts: HashMap::new(), google: GoogleFileResolver::new() };
        imports.add(source);
        imports.texts.insert(MAIN.to_owned(), source.text.clone());
        imports
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.values().map(String::as_str)
    }

    fn add(&mut self, source: &SchemaSource) {
        for reference in &source.references {
            if !self.texts.contains_key(&reference.name) {
                self.texts.insert(reference.name.clone(), reference.source.text.clone());
                self.add(&reference.source);
            }
        }
    }
}

impl FileResolver for Imports {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let known = || KNOWN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        match self.texts.get(name).map(String::as_str).or_else(known) {
            Some(text) => File::from_source(name, text),
            None => self.google.open_file(name),
        }
    }
}
