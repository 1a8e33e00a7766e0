//! Scrapes in Prometheus' text format, gathered into one text of OpenMetrics with timestamps, from which
//! `promtool tsdb create-blocks-from openmetrics` makes blocks.

use std::{collections::BTreeMap, fmt::Write as _};

/// Gathered scrapes.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    families: BTreeMap<String, Family>,
}

#[derive(Debug, Default)]
struct Family {
    kind: String,
    help: String,
    /// By name and labels: values, the oldest first.
    series: BTreeMap<String, Vec<(u64, String)>>,
}

impl Recording {
    /// Adds the scrape of a target. `labels` are those that the scrape adds.
    pub(crate) fn add(&mut self, text: &str, labels: &str, at: u64) -> Result<(), String> {
        let mut family = String::new();
        for line in text.lines() {
            if let Some(meta) = line.strip_prefix("# ") {
                let [word, name, rest] = meta.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                    return Err(format!("expected a word, a name and a text: {line}"));
                };
                name.clone_into(&mut family);
                let known = self.families.entry(family.clone()).or_default();
                match word {
                    "HELP" => rest.clone_into(&mut known.help),
                    "TYPE" => rest.clone_into(&mut known.kind),
                    _ => return Err(format!("expected HELP or TYPE: {line}")),
                }
            } else if !line.is_empty() {
                let (series, value) = line.rsplit_once(' ').ok_or_else(|| format!("expected a value: {line}"))?;
                let series = match series.split_once('{') {
                    Some((name, own)) => format!("{name}{{{labels},{own}"),
                    None => format!("{series}{{{labels}}}"),
                };
                let known = self.families.get_mut(&family).ok_or_else(|| format!("expected a family first: {line}"))?;
                known.series.entry(series).or_default().push((at, value.to_owned()));
            }
        }
        Ok(())
    }

    /// As OpenMetrics, where the name of a counter's family lacks the suffix of its samples.
    pub(crate) fn into_text(self) -> String {
        let mut text = String::new();
        for (name, Family { kind, help, series }) in self.families {
            let name = if kind == "counter" { name.trim_end_matches("_total") } else { &name };
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (series, values) in series {
                for (at, value) in values {
                    let _ = writeln!(text, "{series} {value} {at}");
                }
            }
        }
        text + "# EOF\n"
    }
}
