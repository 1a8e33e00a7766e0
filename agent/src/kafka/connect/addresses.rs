//! Hosts and ports in addresses, which may hold a user and a password as well.

use std::{fmt, net::Ipv6Addr};

/// The longest name of a host (RFC 1035).
const MAX_HOST: usize = 253;

/// Where something listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// A name in small letters, or the text of an IP address.
    pub host: String,
    /// Without one any port may be meant.
    pub port: Option<u16>,
}

/// The addresses in a text with one or several that are separated by commas: URLs, JDBC URLs and `HOST:PORT`. None where it is
/// not certain what is host and what is user or password.
pub fn addresses(text: &str) -> Option<Vec<Address>> {
    match text.matches("://").count() {
        0 => of_authority(bare(text)?),
        1 => of_url(text),
        _ => {
            let lists: Option<Vec<_>> = text.split(',').map(|one| of_url(one.trim())).collect();
            Some(lists?.concat())
        }
    }
}

fn of_url(text: &str) -> Option<Vec<Address>> {
    let (_, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#', ';']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    // A password with such a character would end the authority too early.
    if after.contains('@') {
        return None;
    }
    of_authority(authority)
}

/// What is left of a JDBC URL without `//`, such as `jdbc:oracle:thin:user/password@host:1521:name`.
fn bare(text: &str) -> Option<&str> {
    match text.rsplit_once('@') {
        Some((_, after)) => Some(after.trim_start_matches('/')),
        None if text.starts_with("jdbc:") => None,
        None => Some(text),
    }
}

fn of_authority(authority: &str) -> Option<Vec<Address>> {
    let all = authority.rsplit_once('@').map_or(authority, |(_, all)| all);
    all.split(',').map(|one| address(one.trim())).collect()
}

fn address(text: &str) -> Option<Address> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return Some(Address { host: host.parse::<Ipv6Addr>().ok()?.to_string(), port: port(rest) });
    }
    if let Ok(host) = text.parse::<Ipv6Addr>() {
        return Some(Address { host: host.to_string(), port: None });
    }
    let end = text.find([':', '/', '?', '#', ';']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_host = (1..=MAX_HOST).contains(&name.len()) && name.bytes().all(is_name);
    is_host.then(|| Address { host: name.to_ascii_lowercase(), port: port(rest) })
}

/// The port that what follows a host begins with. What else stands there is a path, a database or worse.
fn port(rest: &str) -> Option<u16> {
    let digits = rest.strip_prefix(':')?;
    let end = digits.find([':', '/', '?', '#', ';']).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok().filter(|port| *port > 0)
}

// === impl Address ===

impl Address {
    /// Whether both can be the same: the hosts are equal, and so are the ports where both have one.
    pub fn may_be(&self, other: &Self) -> bool {
        self.host == other.host && (self.port == other.port || self.port.is_none() || other.port.is_none())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        match (host.contains(':'), port) {
            (true, Some(port)) => write!(f, "[{host}]:{port}"),
            (true, None) => write!(f, "[{host}]"),
            (false, Some(port)) => write!(f, "{host}:{port}"),
            (false, None) => f.write_str(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let all: Vec<String> = addresses(text)?.iter().map(ToString::to_string).collect();
        Some(all.join(" "))
    }

    #[test]
    fn addresses_come_without_users_passwords_and_paths() {
        for (text, expected) in [
            ("db.example.org", "db.example.org"),
            ("A.example:9092, b.example:9093", "a.example:9092 b.example:9093"),
            ("https://made:up@es.example:9200/index", "es.example:9200"),
            ("https://made:up@a.example,https://made:up@b.example:1", "a.example b.example:1"),
            ("mongodb+srv://made:u,p@a.example,b.example:27017/db", "a.example b.example:27017"),
            ("jdbc:postgresql://db.example:5432/crm?user=made&password=up", "db.example:5432"),
            ("jdbc:sqlserver://db.example:1433;password=up", "db.example:1433"),
            ("jdbc:oracle:thin:made/up@//db.example:1521/x", "db.example:1521"),
            ("jdbc:oracle:thin:made/up@db.example:1521:x", "db.example:1521"),
            ("http://[2001:db8::1]:8083", "[2001:db8::1]:8083"),
            ("2001:DB8::1", "[2001:db8::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("db.example:made-up", "db.example"),
            ("db.example:0", "db.example"),
            ("db.example:70000", "db.example"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
            assert_eq!(shown(&expected.replace(' ', ",")).as_deref(), Some(expected), "what is kept reads as it was");
        }
    }

    #[test]
    fn an_address_that_could_be_a_password_is_none() {
        for text in ["", "https://made:u/p@host.example", "https://u:p?x@h", "jdbc:sqlite:/a/b", "a b", "http://"] {
            assert_eq!(addresses(text), None, "{text}");
        }
    }

    #[test]
    fn a_missing_port_is_any_port() {
        let may_be = |one: &str, other: &str| addresses(one).unwrap()[0].may_be(&addresses(other).unwrap()[0]);
        assert!(may_be("a:9092", "A:9092") && may_be("a", "a:9092") && may_be("a:9092", "a"));
        assert!(!may_be("a:9092", "a:9093") && !may_be("a", "b"));
    }
}
