//! The countries of the regions of large clouds (`data/cloud-regions.tsv`).

use std::{collections::BTreeMap, sync::LazyLock};

use crate::Jurisdiction;

/// The table as committed: provider, region, jurisdiction; lines that start with `#` are its header.
const TABLE: &str = include_str!("../data/cloud-regions.tsv");

static REGIONS: LazyLock<BTreeMap<(&str, &str), Jurisdiction>> = LazyLock::new(|| rows(TABLE).flatten().collect());

impl Jurisdiction {
    /// The territory in which the region of a cloud lies, by the provider's own name for it.
    ///
    /// `provider` is `aws`, `gcp` or `azure`, as in [`crate::Cloud`]. Azure regions are known in
    /// the spelling of the service tags (`germanywc`) and of the resource manager
    /// (`germanywestcentral`). What spans countries has no jurisdiction: `GLOBAL`, `global`,
    /// multi-regions such as `eu` and `europe`, which do not promise the EEA either. A region that is not in the table has
    /// none: it is never guessed.
    pub fn from_cloud_region(provider: &str, region: &str) -> Option<Self> {
        REGIONS.get(&(provider, region.to_ascii_lowercase().as_str())).copied()
    }
}

/// The rows of a table; `None` for a malformed row.
fn rows(table: &str) -> impl Iterator<Item = Option<((&str, &str), Jurisdiction)>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        let (provider, region, code) = (columns.next()?, columns.next()?, columns.next()?);
        columns.next().is_none().then_some(((provider, region), code.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(provider: &str, region: &str) -> Option<String> {
        Jurisdiction::from_cloud_region(provider, region).map(String::from)
    }

    #[test]
    fn every_row_reads_and_stands_once() {
        let all: Vec<_> = rows(TABLE).collect();
        assert!(all.iter().all(Option::is_some), "a malformed row");
        assert_eq!(REGIONS.len(), all.len(), "a region stands twice");
        assert!(REGIONS.keys().all(|(provider, region)| {
            ["aws", "azure", "gcp"].contains(provider) && *region == region.to_ascii_lowercase()
        }));
    }

    #[test]
    fn the_header_says_as_of_when_and_from_where() {
        let header = TABLE.lines().next().unwrap();
        assert!(header.starts_with("# asOf=2026-08-22 source=provider-documentation"), "{header}");
    }

    #[test]
    fn european_looking_regions_outside_the_eea_are_named_as_such() {
        for (provider, region, jurisdiction) in [
            ("aws", "eu-west-2", "GB"),
            ("gcp", "europe-west2", "GB"),
            ("azure", "uksouth", "GB"),
            ("azure", "ukwest", "GB"),
            ("aws", "eu-central-2", "CH"),
            ("gcp", "europe-west6", "CH"),
            ("azure", "switzerlandnorth", "CH"),
            ("azure", "switzerlandn", "CH"),
        ] {
            assert_eq!(code(provider, region).as_deref(), Some(jurisdiction), "{provider} {region}");
        }
    }

    #[test]
    fn regions_are_where_their_provider_says() {
        for (provider, region, jurisdiction) in [
            ("aws", "eu-central-1", "DE"),
            ("aws", "eu-west-1", "IE"),
            ("aws", "eusc-de-east-1", "DE"),
            ("aws", "us-gov-west-1", "US"),
            ("aws", "cn-northwest-1", "CN"),
            ("gcp", "europe-west1", "BE"),
            ("gcp", "europe-west4", "NL"),
            ("gcp", "europe-west10", "DE"),
            ("gcp", "europe-west12", "IT"),
            ("gcp", "us-east1", "US"),
            ("azure", "westeurope", "NL"),
            ("azure", "northeurope", "IE"),
            ("azure", "germanywc", "DE"),
            ("azure", "germanywestcentral", "DE"),
            ("azure", "centralfrance", "FR"),
            ("azure", "norwaye", "NO"),
            ("azure", "WestEurope", "NL"),
        ] {
            assert_eq!(code(provider, region).as_deref(), Some(jurisdiction), "{provider} {region}");
        }
    }

    #[test]
    fn what_names_no_single_country_has_no_jurisdiction() {
        for (provider, region) in [
            ("aws", "GLOBAL"),
            ("gcp", "global"),
            ("gcp", "eu"),
            ("gcp", "europe"),
            ("gcp", "us"),
            ("azure", ""),
            ("azure", "europe"),
            ("aws", "eu-west-99"),
            ("aws", "europe-west3"),
            ("other", "eu-central-1"),
        ] {
            assert_eq!(code(provider, region), None, "{provider} {region:?}");
        }
    }
}
