//! Reads recorded observations, one JSON object per line.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use anyhow::Context as _;
use landfall_observation::Observation;

use crate::judging::Judging;

/// The longest line that is accepted; an observation has a few kilobytes.
const MAX_LINE: u64 = 1 << 20;

/// The most invalid lines that are reported one by one.
const MAX_NAMED: usize = 20;

/// Lines that are not observations.
#[derive(Default)]
pub(crate) struct InvalidLines {
    named: Vec<String>,
    others: u64,
}

impl InvalidLines {
    fn add(&mut self, problem: String) {
        if self.named.len() < MAX_NAMED {
            self.named.push(problem);
        } else {
            self.others += 1;
        }
    }

    pub(crate) fn into_result(self) -> anyhow::Result<()> {
        let Self { mut named, others } = self;
        if others > 0 {
            named.push(format!("{others} more lines are no observations"));
        }
        if named.is_empty() { Ok(()) } else { Err(anyhow::anyhow!(named.join("\nerror: "))) }
    }
}

/// Adds every valid observation to `judging`.
pub(crate) fn read(path: &Path, judging: &mut Judging) -> anyhow::Result<InvalidLines> {
    for_each(path, |observation| judging.observe(observation))
}

/// Passes every valid observation to `take`.
pub(crate) fn for_each(path: &Path, mut take: impl FnMut(&Observation)) -> anyhow::Result<InvalidLines> {
    let name = path.display();
    let mut reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("{name}: cannot be opened"))?))
    };
    let mut invalid = InvalidLines::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        let cannot = || format!("{name}: line {number}: cannot be read");
        let length = read.with_context(cannot)? as u64;
        if length == 0 {
            break;
        }
        if length == MAX_LINE && !line.ends_with(b"\n") {
            reader.skip_until(b'\n').with_context(cannot)?;
            invalid.add(format!("{name}: line {number}: longer than {MAX_LINE} bytes, expected an observation"));
            continue;
        }
        let Ok(text) = str::from_utf8(&line) else {
            invalid.add(format!("{name}: line {number}: expected UTF-8 text"));
            continue;
        };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match landfall_observation::decode(text) {
            Ok(observation) => take(&observation),
            Err(error) => invalid.add(format!("{name}: line {number}: {error}")),
        }
    }
    Ok(invalid)
}
