use super::*;

fn settings() -> Service {
    Service::new("https://registry.example.org".parse().unwrap())
}

#[test]
fn an_address_has_a_scheme_a_host_and_maybe_a_path() {
    for (text, kept) in [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("https://registry.example.org/", "https://registry.example.org"),
        ("http://[2001:db8::1]:8080/apis/ccompat/v7/", "http://[2001:db8::1]:8080/apis/ccompat/v7"),
    ] {
        assert_eq!(text.parse::<ServiceUrl>().unwrap().as_str(), kept);
    }
    for text in [
        "",
        "registry.example.org",
        "ftp://registry.example.org",
        "http://",
        "http://:8081",
        "http://registry example.org",
        "http://a.example.org,http://b.example.org",
        "http://registry.example.org?key=value",
        "http://registry.example.org#part",
    ] {
        assert_eq!(text.parse::<ServiceUrl>(), Err(InvalidServiceUrl::Form), "{text}");
    }
}

#[test]
fn a_user_in_the_address_is_refused_and_not_shown() {
    let error = "https://clerk:made-up-secret@registry.example.org".parse::<ServiceUrl>().unwrap_err();
    assert_eq!(error, InvalidServiceUrl::User);
    assert!(!format!("{error} {error:?}").contains("made-up-secret"));
}

#[test]
fn properties_are_read_by_the_names_of_confluents_clients() {
    let basic = Credentials::Basic { user: "clerk".to_owned(), password: "a:b".to_owned() };
    let read = settings().with_properties([
        ("basic.auth.credentials.source", "USER_INFO"),
        ("basic.auth.user.info", "clerk:a:b"),
        ("ssl.ca.location", "/etc/registry/ca.crt"),
    ]);
    let authorities = Some(PathBuf::from("/etc/registry/ca.crt"));
    assert_eq!(read.unwrap(), Service { credentials: basic.clone(), authorities, ..settings() });
    assert_eq!(basic.authorization().unwrap(), "Basic Y2xlcms6YTpi");

    let read = settings().with_properties([("bearer.auth.token", "abc.def")]).unwrap();
    assert_eq!(read.credentials.authorization().unwrap(), "Bearer abc.def");
    assert_eq!(settings().with_properties([]), Ok(settings()));
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    use ServicePropertyError::{Both, Unknown, Value};
    let refused =
        |pairs: &[(&'static str, &'static str)]| settings().with_properties(pairs.iter().copied()).unwrap_err();
    assert_eq!(refused(&[("basic.auth.user", "clerk")]), Unknown { name: "basic.auth.user".to_owned() });
    assert_eq!(refused(&[("basic.auth.user.info", "a:b"), ("bearer.auth.token", "c")]), Both);
    for (name, value) in [
        ("basic.auth.user.info", "made-up-secret"),
        ("basic.auth.user.info", ":made-up-secret"),
        ("bearer.auth.token", ""),
        ("bearer.auth.token", "made-up-secret\r\nX-Other: y"),
        ("basic.auth.credentials.source", "URL"),
        ("bearer.auth.credentials.source", "OAUTHBEARER"),
    ] {
        let error = refused(&[(name, value)]);
        assert!(matches!(&error, Value { name: at, .. } if *at == name), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("made-up-secret"));
    }
}

#[test]
fn credentials_are_never_shown() {
    let read = settings().with_properties([("basic.auth.user.info", "made-up-clerk:made-up-secret")]).unwrap();
    let shown = format!("{read:?} {read:#?} {:?}", Credentials::Bearer { token: "made-up-token".to_owned() });
    assert!(!shown.contains("made-up"), "{shown}");
}
