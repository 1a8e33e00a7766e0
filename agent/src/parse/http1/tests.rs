use landfall_detect::Hint;

use super::*;

fn head(text: &str) -> Vec<u8> {
    format!("{}\r\n\r\n", text.trim().replace('\n', "\r\n")).into_bytes()
}

fn host_of(text: &str) -> Option<String> {
    request(&head(text)).value().expect("a request").host
}

fn fields_of(lines: &str, check: impl FnOnce(&Fields<'_>)) {
    let bytes = head(&format!("HTTP/1.1 200 OK\n{lines}"));
    check(&response(&bytes).value().expect("a response").fields);
}

#[test]
fn the_host_comes_from_the_target_if_it_names_one_and_else_from_the_field() {
    let cases = [
        ("GET / HTTP/1.1\nHost: API.Example.org", Some("api.example.org")),
        ("GET / HTTP/1.1\nhOST:api.example.org:8080", Some("api.example.org")),
        ("GET http://a.example/path?q=1 HTTP/1.1\nHost: b.example", Some("a.example")),
        ("GET https://a.example?x HTTP/1.1\nHost: b.example", Some("a.example")),
        ("GET /redirect?to=http://a.example/ HTTP/1.1\nHost: b.example", Some("b.example")),
        ("CONNECT api.example.org:443 HTTP/1.1\nHost: proxy.example", Some("api.example.org")),
        ("CONNECT 192.0.2.1:443 HTTP/1.1\nHost: api.example.org", None),
        ("OPTIONS * HTTP/1.1\nHost: a.example", Some("a.example")),
        ("GET / HTTP/1.0\nAccept: */*", None),
        ("GET / HTTP/1.1\nHost: 192.0.2.1", None),
        ("GET / HTTP/1.1\nHost: a b.example", None),
        ("GET / HTTP/1.1\nHost: erika@example.org", Some("example.org")),
    ];
    for (text, host) in cases {
        assert_eq!(host_of(text).as_deref(), host, "{text}");
    }
}

#[test]
fn the_query_stands_behind_the_question_mark() {
    for (target, query) in [("/", ""), ("/p?a=1&b=2", "a=1&b=2"), ("/p?a=1?2#f", "a=1?2"), ("http://h.example?x", "x")]
    {
        let bytes = head(&format!("GET {target} HTTP/1.1\nHost: h.example"));
        assert_eq!(request(&bytes).value().unwrap().query, query.as_bytes());
    }
}

#[test]
fn the_framing_of_a_request_follows_its_fields() {
    let cases = [
        ("Host: h.example", Some(Framing::Length(0))),
        ("Content-Length: 5", Some(Framing::Length(5))),
        ("Content-Length: 5\nContent-Length: 5", Some(Framing::Length(5))),
        ("Content-Length: 5, 5", Some(Framing::Length(5))),
        ("Content-Length: 5\nContent-Length: 6", None),
        ("Content-Length: -1", None),
        ("Content-Length: +1", None),
        ("Content-Length: 99999999999999999999", None),
        ("Content-Length:", None),
        ("Transfer-Encoding: chunked\nContent-Length: 3", Some(Framing::Chunked)),
        ("Transfer-Encoding: gzip, Chunked", Some(Framing::Chunked)),
        ("Transfer-Encoding: gzip", None),
    ];
    for (fields, framing) in cases {
        let bytes = head(&format!("POST / HTTP/1.1\n{fields}"));
        assert_eq!(request(&bytes).value().unwrap().framing, framing, "{fields}");
    }
}

#[test]
fn the_framing_of_a_response_depends_on_its_request() {
    let cases = [
        (Method::Other, 200, "Content-Length: 5", Some(Framing::Length(5))),
        (Method::Other, 200, "Server: x", Some(Framing::UntilClose)),
        (Method::Other, 200, "Transfer-Encoding: chunked", Some(Framing::Chunked)),
        (Method::Other, 200, "Transfer-Encoding: gzip", Some(Framing::UntilClose)),
        (Method::Other, 200, "Content-Length: x", None),
        (Method::Head, 200, "Content-Length: 5", Some(Framing::Length(0))),
        (Method::Other, 204, "Content-Length: 5", Some(Framing::Length(0))),
        (Method::Other, 304, "Content-Length: 5", Some(Framing::Length(0))),
        (Method::Other, 100, "Server: x", Some(Framing::Length(0))),
        (Method::Connect, 200, "Content-Length: 5", Some(Framing::Length(0))),
        (Method::Connect, 407, "Content-Length: 5", Some(Framing::Length(5))),
    ];
    for (method, status, fields, framing) in cases {
        let bytes = head(&format!("HTTP/1.1 {status} X\n{fields}"));
        assert_eq!(response(&bytes).value().unwrap().framing(method), framing, "{method:?} {status} {fields}");
    }
}

#[test]
fn codings_and_media_types_are_distinguished() {
    let codings = [
        ("Server: x", Coding::Identity),
        ("Content-Encoding: identity", Coding::Identity),
        ("Content-Encoding: GZIP", Coding::Gzip),
        ("Content-Encoding: x-gzip", Coding::Gzip),
        ("Content-Encoding: deflate", Coding::Deflate),
        ("Content-Encoding: br", Coding::Unread),
        ("Content-Encoding: gzip, gzip", Coding::Unread),
        ("Transfer-Encoding: gzip, chunked", Coding::Gzip),
        ("Transfer-Encoding: gzip, chunked\nContent-Encoding: gzip", Coding::Unread),
    ];
    for (fields, coding) in codings {
        fields_of(fields, |read| assert_eq!(read.coding(), coding, "{fields}"));
    }
    let types = [
        ("application/json", Content::Text(Hint::Json)),
        ("Application/Problem+JSON; charset=utf-8", Content::Text(Hint::Json)),
        ("application/x-www-form-urlencoded", Content::Text(Hint::Form)),
        ("text/html; charset=utf-8", Content::Text(Hint::Text)),
        ("multipart/form-data; boundary=x", Content::Text(Hint::Text)),
        ("image/svg+xml", Content::Text(Hint::Text)),
        ("image/png", Content::Binary),
        ("application/octet-stream", Content::Binary),
        ("application/vnd.example.v3", Content::Unknown),
        ("nonsense", Content::Unknown),
    ];
    for (value, content) in types {
        fields_of(&format!("Content-Type: {value}"), |read| assert_eq!(read.content(), content, "{value}"));
    }
}

#[test]
fn what_is_no_head_is_refused_and_a_huge_one_too() {
    for bytes in [
        &b"OPTIONS rtsp://a.example RTSP/1.0\r\n\r\n"[..],
        b"GET / HTTP/2.0\r\n\r\n",
        b"\x16\x03\x01\x00",
        b"GET\r\n\r\n",
    ] {
        assert!(matches!(request(bytes), Parse::NotThis), "{}", bytes.escape_ascii());
    }
    assert!(matches!(response(b"HTTP/1.1 20x OK\r\n\r\n"), Parse::NotThis));
    let many = format!("GET / HTTP/1.1\n{}", "A: b\n".repeat(200));
    assert!(matches!(request(&head(&many)), Parse::NotThis));
}

#[test]
fn every_prefix_of_a_head_waits() {
    let bytes = head("POST /p?x=1 HTTP/1.1\nHost: a.example\nContent-Length: 3");
    for end in 0..bytes.len() {
        assert!(matches!(request(&bytes[..end]), Parse::NeedMore), "{end} bytes");
        assert_eq!(begins_request(&bytes[..end]), if end < 5 { Parse::NeedMore } else { Parse::Value(()) });
    }
    let bytes = head("HTTP/1.1 200 OK\nServer: x");
    for end in 0..bytes.len() {
        assert!(matches!(response(&bytes[..end]), Parse::NeedMore), "{end} bytes");
        assert_eq!(begins_response(&bytes[..end]), if end < 7 { Parse::NeedMore } else { Parse::Value(()) });
    }
}

/// The data of a chunked body and how many bytes it took, fed in pieces of `size`.
fn unchunk(bytes: &[u8], size: usize) -> Option<(Vec<u8>, usize)> {
    let mut chunked = Chunked::new();
    let mut data = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let piece = &bytes[at..bytes.len().min(at + size)];
        match chunked.next(piece) {
            ChunkedPart::Data(len) => {
                data.extend(&piece[..len]);
                at += len;
            }
            ChunkedPart::Skip(len) => at += len,
            ChunkedPart::End(len) => return Some((data, at + len)),
            ChunkedPart::Malformed => return None,
        }
    }
    None
}

#[test]
fn a_chunked_body_is_put_together_however_it_is_cut() {
    let body = b"5\r\nhello\r\n1;name=\"v\"\r\n \r\nA \r\n0123456789\r\n00\r\nX-Sum: 1\r\n\r\nGET";
    for size in 1..=body.len() {
        assert_eq!(unchunk(body, size), Some((b"hello 0123456789".to_vec(), body.len() - 3)), "pieces of {size}");
    }
    assert_eq!(unchunk(b"2\nab\n0\n\n", 3), Some((b"ab".to_vec(), 8)), "lone line feeds");
    for end in 0..body.len() - 3 {
        assert_eq!(unchunk(&body[..end], 4), None);
    }
}

#[test]
fn absurd_chunk_sizes_are_refused() {
    let long_line = [b"1;".as_slice(), &[b'x'; MAX_LINE_TEST]].concat();
    let endless_trailers = [b"0\r\n".as_slice(), &b"a: b\r\n".repeat(4000)].concat();
    let cases: [&[u8]; 9] = [
        b"\r\n",
        b"\n",
        b"-1\r\n",
        b"0x5\r\n",
        b"g\r\n",
        b";x\r\n",
        b"10000000000000000\r\n",
        &long_line,
        &endless_trailers,
    ];
    for bytes in cases {
        for size in [1, bytes.len()] {
            let mut chunked = Chunked::new();
            let malformed = bytes.chunks(size).any(|piece| {
                let mut piece = piece;
                loop {
                    match chunked.next(piece) {
                        ChunkedPart::Malformed => return true,
                        ChunkedPart::Data(n) | ChunkedPart::Skip(n) | ChunkedPart::End(n) if n < piece.len() => {
                            piece = &piece[n..];
                        }
                        _ => return false,
                    }
                }
            });
            assert!(malformed, "{}", bytes[..bytes.len().min(20)].escape_ascii());
        }
    }
    // The largest size there is is a size; nothing is allocated for it.
    let mut chunked = Chunked::new();
    assert_eq!(chunked.next(b"ffffffffffffffff\r\nab"), ChunkedPart::Skip(18));
    assert_eq!(chunked.next(b"ab"), ChunkedPart::Data(2));
    assert!(chunked.lost(u64::MAX - 2) && !chunked.lost(1));
}

const MAX_LINE_TEST: usize = 10_000;
