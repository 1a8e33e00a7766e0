//! HTTP/1 heads and chunked bodies from a stranger; a body is the same however it is cut.
#![no_main]

use landfall_agent::parse::{
    Parse,
    http1::{Chunked, ChunkedPart, Method, request, response},
};
use libfuzzer_sys::fuzz_target;

fn unchunk(data: &[u8], size: usize) -> (Vec<u8>, bool) {
    let mut chunked = Chunked::new();
    let mut body = Vec::new();
    for piece in data.chunks(size) {
        let mut rest = piece;
        while !rest.is_empty() {
            match chunked.next(rest) {
                ChunkedPart::Data(len) => {
                    body.extend_from_slice(&rest[..len]);
                    rest = &rest[len..];
                }
                ChunkedPart::Skip(len) => rest = &rest[len..],
                ChunkedPart::End(_) => return (body, true),
                ChunkedPart::Malformed => return (body, false),
            }
        }
    }
    (body, false)
}

fuzz_target!(|data: &[u8]| {
    if let Parse::Value(head) = request(data) {
        assert!(head.len <= data.len());
        let _ = (head.fields.content(), head.fields.coding());
    }
    if let Parse::Value(head) = response(data) {
        assert!(head.len <= data.len());
        for method in [Method::Head, Method::Connect, Method::Other] {
            let _ = head.framing(method);
        }
    }
    assert_eq!(unchunk(data, 1), unchunk(data, data.len().max(1)));
});
