//! Prints the judged cases of `tests/cases` as a table; fails if one is judged otherwise.
//!
//!     cargo run --example cases

#[expect(clippy::unwrap_used, clippy::panic, reason = "cases that cannot be read must be mended first")]
#[path = "../integration/cases/suite.rs"]
mod suite;

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use comfy_table::{ContentArrangement, Table, presets};

fn main() -> io::Result<ExitCode> {
    let results = suite::run(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")));
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["CASE", "LAW", "FACTS", "VERDICT", "WHY", "OK"]);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for result in &results {
        let reasons = result.reasons.iter().map(|code| format!("{code:?}"));
        let missing = result.missing.iter().map(|code| format!("lacks {code:?}"));
        let mut why: Vec<String> = reasons.chain(missing).collect();
        why.dedup();
        table.add_row([
            result.case.id.clone(),
            result.case.law.clone(),
            result.case.facts.clone(),
            result.outcome.map_or_else(String::new, |outcome| format!("{outcome:?}")),
            why.join(", "),
            if result.differences.is_empty() {
                "ok".to_owned()
            } else {
                format!("{}: {}", result.file.display(), result.differences.join("; "))
            },
        ]);
    }
    let wrong = results.iter().filter(|result| !result.differences.is_empty()).count();
    let mut out = io::stdout().lock();
    writeln!(out, "{}\n\n{} cases, {wrong} judged otherwise", table.trim_fmt(), results.len())?;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
