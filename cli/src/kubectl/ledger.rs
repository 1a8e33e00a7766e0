//! `kubectl landfall ledger`: reads the ledger of the operator over HTTPS.

mod connection;
mod forward;
mod tables;

use std::io::{self, BufWriter, Write as _};

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use self::{
    connection::{Access, Operator},
    tables::{SegmentTable, VerificationReport},
};
use super::cluster::Scope;
use crate::{
    edge_summaries::EdgeSummaries, exit_status::ExitStatus, options::FormatOptions, output::Printer, tables::EdgeTable,
};

/// Reads the ledger of the cluster.
#[derive(Debug, clap::Args)]
pub(super) struct LedgerCommand {
    #[command(flatten)]
    access: Access,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Lists the sealed segments and the key that signs them.
    List(Output),
    /// Shows the judged edges.
    Show(Output),
    /// Lets the operator verify all sealed segments; exit status 1 if anything was changed.
    Verify(Output),
    /// Prints the records, one JSON object per line; the operator verifies them first.
    Export(Export),
}

#[derive(Debug, clap::Args)]
struct Output {
    #[command(flatten)]
    format: FormatOptions,
}

#[derive(Debug, clap::Args)]
struct Export {
    /// Only records of this kind, such as judgment; may be repeated.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    kind: Vec<String>,
    /// Only records appended at this instant (RFC 3339) or later.
    #[arg(long, value_name = "INSTANT")]
    from: Option<Timestamp>,
    /// Only records appended before this instant.
    #[arg(long, value_name = "INSTANT")]
    until: Option<Timestamp>,
    /// Only records with a greater id, to continue an interrupted export.
    #[arg(long, value_name = "ID")]
    after: Option<u64>,
}

/// The fields of a record that are needed here.
#[derive(Deserialize)]
struct Record<'a> {
    id: u64,
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
}

impl LedgerCommand {
    pub(super) async fn run(self, scope: Scope) -> anyhow::Result<ExitStatus> {
        let Self { access, command } = self;
        let operator = access.connect(&scope).await?;
        match command {
            Command::List(Output { format }) => list(&operator, &format).await,
            Command::Show(Output { format }) => show(&operator, &format).await,
            Command::Verify(Output { format }) => verify(&operator, &format).await,
            Command::Export(export) => export.run(&operator).await,
        }
    }
}

async fn list(operator: &Operator, format: &FormatOptions) -> anyhow::Result<ExitStatus> {
    let mut printer = Printer::<SegmentTable>::new(format.format());
    operator.lines("/v1/ledger", |line| printer.print(&read(line)?)).await?;
    printer.finish()?;
    Ok(ExitStatus::Success)
}

async fn show(operator: &Operator, format: &FormatOptions) -> anyhow::Result<ExitStatus> {
    let mut edges = EdgeSummaries::default();
    let add = |line: &str| {
        let Record { id, kind, body } = serde_json::from_str(line).context("expected a record of a ledger")?;
        edges.add(id, kind == "rollup", body.get())
    };
    operator.lines("/v1/ledger/records?kind=judgment,rollup", add).await?;
    let mut printer = Printer::<EdgeTable>::new(format.format());
    for edge in edges.into_summaries() {
        printer.print(&edge)?;
    }
    printer.finish()?;
    Ok(ExitStatus::Success)
}

async fn verify(operator: &Operator, format: &FormatOptions) -> anyhow::Result<ExitStatus> {
    let mut printer = Printer::<VerificationReport>::new(format.format());
    let mut is_sound = false;
    let print = |line: &str| {
        let line = read(line)?;
        // The summary is the last line: without it the answer is incomplete.
        is_sound = line["type"] == "summary" && line["findings"] == 0 && line["database"].is_null();
        printer.print(&line)
    };
    operator.lines("/v1/ledger/verification", print).await?;
    printer.finish()?;
    Ok(ExitStatus::from_check(is_sound))
}

impl Export {
    async fn run(self, operator: &Operator) -> anyhow::Result<ExitStatus> {
        let mut out = BufWriter::new(io::stdout().lock());
        let write = |line: &str| writeln!(out, "{line}").context("failed to write the results");
        operator.lines(&self.path()?, write).await?;
        out.flush().context("failed to write the results")?;
        Ok(ExitStatus::Success)
    }

    fn path(&self) -> anyhow::Result<String> {
        let Self { kind, from, until, after } = self;
        let is_name = |kind: &String| !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        anyhow::ensure!(kind.iter().all(is_name), "--kind: expected names of kinds, such as judgment");
        let kinds = (!kind.is_empty()).then(|| format!("kind={}", kind.join(",")));
        let instant = |name, at: &Option<Timestamp>| at.map(|at| format!("{name}={at}"));
        let after = after.map(|id| format!("after={id}"));
        let asked = [kinds, instant("from", from), instant("until", until), after];
        let asked = asked.into_iter().flatten().collect::<Vec<_>>().join("&");
        Ok(format!("/v1/ledger/records{}{asked}", if asked.is_empty() { "" } else { "?" }))
    }
}

fn read(line: &str) -> anyhow::Result<Value> {
    serde_json::from_str(line).context("the answer of the operator is not valid JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_requests_what_its_options_select() {
        let all = Export { kind: Vec::new(), from: None, until: None, after: None };
        assert_eq!(all.path().unwrap(), "/v1/ledger/records");
        let some = Export {
            kind: vec!["judgment".to_owned(), "rollup".to_owned()],
            from: Some("2026-11-23T01:00:00+01:00".parse().unwrap()),
            until: None,
            after: Some(7),
        };
        let expected = "/v1/ledger/records?kind=judgment,rollup&from=2026-11-23T00:00:00Z&after=7";
        assert_eq!(some.path().unwrap(), expected);
        let odd = Export { kind: vec!["a&b".to_owned()], ..all };
        assert_eq!(odd.path().unwrap_err().to_string(), "--kind: expected names of kinds, such as judgment");
    }
}
