use super::*;

#[test]
fn lines_are_read_and_values_are_never_shown() {
    let text = "# made up\nsecurity.protocol = SASL_SSL\n\nsasl.password=a=b #c\n";
    let properties = Properties::parse("client.properties", text).unwrap();
    let all: Vec<_> = properties.iter().collect();
    assert_eq!(all, [("sasl.password", "a=b #c"), ("security.protocol", "SASL_SSL")]);
    assert_eq!(format!("{properties:?}"), r#"{"sasl.password", "security.protocol"}"#);
}

#[test]
fn a_bad_line_is_named() {
    let cases = [
        ("a=b\nsasl.password", "f:2: expected NAME=VALUE or a comment that begins with #"),
        ("=x", "f:1: expected NAME=VALUE or a comment that begins with #"),
        ("a b=x", "f:1: expected NAME=VALUE or a comment that begins with #"),
        ("a=1\na=2", "f:2: a is already set"),
        ("group.id=mine", "f:1: group.id cannot be set: nothing is committed to a group"),
        ("\nplugin.library.paths=x.so", "f:2: plugin.library.paths cannot be set: it loads code"),
    ];
    for (text, expected) in cases {
        assert_eq!(Properties::parse("f", text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn what_a_service_needs_is_taken_away_by_its_prefix() {
    let text = "connect.bearer.auth.token=made-up\nconnections.max.idle.ms=1\nsasl.username=connect.\n";
    let mut properties = Properties::parse("client.properties", text).unwrap();
    let taken = properties.take("connect.");
    assert_eq!(taken.iter().collect::<Vec<_>>(), [("bearer.auth.token", "made-up")]);
    let rest: Vec<_> = properties.iter().collect();
    assert_eq!(rest, [("connections.max.idle.ms", "1"), ("sasl.username", "connect.")]);
    assert_eq!(properties.take("connect."), Properties::default());
}
