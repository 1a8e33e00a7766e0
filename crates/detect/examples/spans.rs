//! Reads JSON lines `{"id", "text", "fmt"}` and prints `{"id", "p": [[start, end, type], …]}` with offsets in
//! code points: the form in which detectors are compared on labelled documents.

use std::io::{self, BufRead, Write};

use landfall_detect::{Hint, State, scan};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut state = State::with_spans();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let document: Value = serde_json::from_str(&line?)?;
        let text = document["text"].as_str().unwrap_or_default();
        let format = document["fmt"].as_str().unwrap_or_default();
        read(&mut state, text, format);
        let (_, spans) = state.finish_with_spans();
        let points = |byte: u64| {
            let end = usize::try_from(byte).unwrap_or(text.len()).min(text.len());
            text.as_bytes()[..end].iter().filter(|b| **b & 0xc0 != 0x80).count()
        };
        let spans: Vec<Value> =
            spans.iter().map(|s| json!([points(s.start), points(s.end), type_of(s.detector)])).collect();
        writeln!(out, "{}", json!({"id": document["id"], "p": spans}))?;
    }
    out.flush()
}

/// Scans a document with the hints that its format implies.
fn read(state: &mut State, text: &str, format: &str) {
    match format {
        "json" => scan(state, text.as_bytes(), Hint::Json),
        "form" => scan(state, text.as_bytes(), Hint::Form),
        "http" => {
            let line = text.find('\n').map_or(text.len(), |end| end + 1);
            let query = text[..line].find('?').unwrap_or(line);
            let version = text[query..line].find(' ').map_or(line, |end| query + end);
            scan(state, &text.as_bytes()[..query], Hint::Text);
            scan(state, &text.as_bytes()[query..version], Hint::Form);
            scan(state, &text.as_bytes()[version..line], Hint::Text);
            let body = text.find("\r\n\r\n").map_or(text.len(), |end| end + 4);
            scan(state, &text.as_bytes()[line.min(body)..body], Hint::Headers);
            let hint = if text[body..].starts_with(['{', '[']) { Hint::Json } else { Hint::Form };
            scan(state, &text.as_bytes()[body..], hint);
        }
        _ => scan(state, text.as_bytes(), Hint::Text),
    }
}

/// The label that documents have for what the detector finds.
fn type_of(detector: &str) -> &'static str {
    match detector {
        "email" => "EMAIL",
        "phone" => "PHONE",
        "iban" => "IBAN",
        "payment-card" => "CREDIT_CARD",
        "ip-address" => "IP",
        "name" => "PERSON",
        _ => "ADDRESS",
    }
}
