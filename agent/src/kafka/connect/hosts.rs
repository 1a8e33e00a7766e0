//! The hosts that a sink writes to, by its settings.

use std::collections::{BTreeMap, BTreeSet};

use super::{Address, Setting, SettingKind, addresses};

/// HTTPS, which services of clouds speak.
const HTTPS: u16 = 443;
/// Keys with the bucket and the region of a sink to Amazon S3: Confluent's, Aiven's.
const S3: [(&str, &str); 2] = [("s3.bucket.name", "s3.region"), ("aws.s3.bucket.name", "aws.s3.region")];

/// Hosts and ports that a sink writes to. Empty where its settings do not say it, for example since it writes files of its
/// workers. The names of clouds' services are those that they publish: those of S3 tell the region
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>).
pub fn sink_hosts(settings: &BTreeMap<String, String>) -> BTreeSet<Address> {
    let named = settings.iter().filter(|(key, _)| {
        let is_address = Setting::find(key).is_some_and(|setting| setting.kind == SettingKind::Addresses);
        is_address && !key.ends_with("bootstrap.servers")
    });
    let named: BTreeSet<Address> = named.filter_map(|(_, value)| addresses(value)).flatten().collect();
    // A store that is named is one that only speaks the protocol of a cloud's.
    if !named.is_empty() {
        return named;
    }
    let get = |key: &str| settings.get(key);
    let buckets = S3.iter().filter_map(|(bucket, region)| {
        let bucket = get(bucket)?;
        let Some(region) = get(region).or_else(|| get("aws.region")) else {
            return Some(format!("{bucket}.s3.amazonaws.com"));
        };
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Some(format!("{bucket}.s3.{region}.{domain}"))
    });
    let blobs = get("azblob.account.name").map(|account| format!("{account}.blob.core.windows.net"));
    let storage = get("gcs.bucket.name").map(|_| "storage.googleapis.com".to_owned());
    let tables = get("defaultDataset").map(|_| "bigquery.googleapis.com".to_owned());
    let hosts = buckets.chain(blobs).chain(storage).chain(tables);
    hosts.map(|host| Address { host: host.to_ascii_lowercase(), port: Some(HTTPS) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(settings: &[(&str, &str)]) -> Vec<String> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        sink_hosts(&settings).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_sink_writes_to_the_addresses_that_it_names() {
        assert_eq!(hosts(&[("connection.url", "search.example:9200"), ("topics", "orders")]), ["search.example:9200"]);
        let own_store = [("store.url", "store.example"), ("s3.bucket.name", "b"), ("s3.region", "us-east-1")];
        assert_eq!(hosts(&own_store), ["store.example"]);
    }

    #[test]
    fn services_of_clouds_have_the_names_that_tell_the_region_where_there_is_one() {
        for (settings, expected) in [
            (
                &[("s3.bucket.name", "Backup"), ("s3.region", "eu-central-1")][..],
                "backup.s3.eu-central-1.amazonaws.com:443",
            ),
            (&[("aws.s3.bucket.name", "b"), ("aws.region", "cn-north-1")], "b.s3.cn-north-1.amazonaws.com.cn:443"),
            (&[("s3.bucket.name", "b")], "b.s3.amazonaws.com:443"),
            (&[("azblob.account.name", "crm"), ("azblob.container.name", "c")], "crm.blob.core.windows.net:443"),
            (&[("gcs.bucket.name", "b")], "storage.googleapis.com:443"),
            (&[("project", "p"), ("defaultDataset", "d")], "bigquery.googleapis.com:443"),
        ] {
            assert_eq!(hosts(settings), [expected]);
        }
        assert_eq!(hosts(&[("file", "/tmp/sink"), ("topics", "orders")]), Vec::<String>::new());
    }
}
