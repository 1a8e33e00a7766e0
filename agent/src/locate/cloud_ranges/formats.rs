//! The three formats as published. Unknown fields are ignored: the providers add some every year.

use std::borrow::Cow;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, de::IgnoredAny};

use super::{ClaimKind, Claims, Provider, RangesError};

/// AWS services whose addresses are anycast or content-delivery edges, whatever region they name.
const AWS_EDGE_SERVICES: [&str; 3] = ["CLOUDFRONT", "CLOUDFRONT_ORIGIN_FACING", "GLOBALACCELERATOR"];

/// Azure's content-delivery tags (`AzureFrontDoor.Frontend` and its siblings).
const AZURE_EDGE_TAG: &str = "AzureFrontDoor";

/// What tells the formats apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct FormatMarkers {
    create_date: Option<IgnoredAny>,
    creation_time: Option<IgnoredAny>,
    change_number: Option<IgnoredAny>,
    prefixes: Option<IgnoredAny>,
    values: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Aws<'a> {
    #[serde(rename = "createDate", borrow)]
    create_date: Cow<'a, str>,
    prefixes: Vec<AwsV4<'a>>,
    #[serde(default)]
    ipv6_prefixes: Vec<AwsV6<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a prefix with its region and service")]
struct AwsV4<'a> {
    ip_prefix: Ipv4Net,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    service: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(expecting = "a prefix with its region and service")]
struct AwsV6<'a> {
    ipv6_prefix: Ipv6Net,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    service: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Gcp<'a> {
    #[serde(borrow)]
    creation_time: Cow<'a, str>,
    prefixes: Vec<GcpRow<'a>>,
}

#[derive(Deserialize)]
#[serde(try_from = "GcpFields<'a>", bound(deserialize = "'de: 'a"))]
struct GcpRow<'a> {
    prefix: IpNet,
    scope: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a prefix with its scope")]
struct GcpFields<'a> {
    ipv4_prefix: Option<Ipv4Net>,
    ipv6_prefix: Option<Ipv6Net>,
    // Absent in goog.json, the list of everything that is Google's.
    #[serde(borrow, default)]
    scope: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Azure<'a> {
    #[serde(borrow)]
    values: Vec<AzureTag<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a service tag")]
struct AzureTag<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    properties: AzureProperties<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a service tag's properties")]
struct AzureProperties<'a> {
    #[serde(borrow, default)]
    region: Cow<'a, str>,
    address_prefixes: Vec<IpNet>,
}

impl<'a> TryFrom<GcpFields<'a>> for GcpRow<'a> {
    type Error = &'static str;

    fn try_from(fields: GcpFields<'a>) -> Result<Self, Self::Error> {
        let v4 = fields.ipv4_prefix.map(IpNet::V4);
        let prefix = v4.or(fields.ipv6_prefix.map(IpNet::V6)).ok_or("expected ipv4Prefix or ipv6Prefix")?;
        Ok(Self { prefix, scope: fields.scope })
    }
}

/// Recognises the format of a document, collects its claims, and returns whose it is and when it
/// was made.
pub(super) fn read(document: &[u8], claims: &mut Claims) -> Result<(Provider, Option<Timestamp>), RangesError> {
    let marks: FormatMarkers = serde_json::from_slice(document).map_err(RangesError::Json)?;
    let format = |provider| move |source| RangesError::Format { provider, source };
    if marks.create_date.is_some() && marks.prefixes.is_some() {
        let date = read_aws(serde_json::from_slice(document).map_err(format(Provider::Aws))?, claims);
        Ok((Provider::Aws, date))
    } else if marks.creation_time.is_some() && marks.prefixes.is_some() {
        let date = read_gcp(serde_json::from_slice(document).map_err(format(Provider::Gcp))?, claims);
        Ok((Provider::Gcp, date))
    } else if marks.change_number.is_some() && marks.values.is_some() {
        read_azure(serde_json::from_slice(document).map_err(format(Provider::Azure))?, claims);
        // A change number, no date.
        Ok((Provider::Azure, None))
    } else {
        Err(RangesError::UnknownFormat)
    }
}

fn read_aws(document: Aws<'_>, claims: &mut Claims) -> Option<Timestamp> {
    let v4 = document.prefixes.into_iter().map(|row| (IpNet::V4(row.ip_prefix), row.region, row.service));
    let v6 = document.ipv6_prefixes.into_iter().map(|row| (IpNet::V6(row.ipv6_prefix), row.region, row.service));
    for (prefix, region, service) in v4.chain(v6) {
        let edge = region.eq_ignore_ascii_case("GLOBAL") || AWS_EDGE_SERVICES.contains(&&*service);
        claims.add(prefix, if edge { ClaimKind::Edge } else { ClaimKind::Region }, &region);
    }
    instant("%Y-%m-%d-%H-%M-%S", &document.create_date)
}

fn read_gcp(document: Gcp<'_>, claims: &mut Claims) -> Option<Timestamp> {
    for row in document.prefixes {
        let kind = match &*row.scope {
            "global" => ClaimKind::Edge,
            "" => ClaimKind::Unstated,
            _ => ClaimKind::Region,
        };
        claims.add(row.prefix, kind, &row.scope);
    }
    instant("%Y-%m-%dT%H:%M:%S%.f", &document.creation_time)
}

fn read_azure(document: Azure<'_>, claims: &mut Claims) {
    for tag in document.values {
        let region = &tag.properties.region;
        let kind = if tag.name.split('.').next() == Some(AZURE_EDGE_TAG) {
            ClaimKind::Edge
        } else if region.is_empty() {
            ClaimKind::Unstated
        } else {
            ClaimKind::Region
        };
        for prefix in tag.properties.address_prefixes {
            claims.add(prefix, kind, region);
        }
    }
}

/// The date of a document. The providers give no time zone; UTC is taken, which is right to the
/// day. A date in another form is no reason to refuse the ranges.
fn instant(format: &str, text: &str) -> Option<Timestamp> {
    let date = DateTime::strptime(format, text).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
