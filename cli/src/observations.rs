//! Reads recorded observations, one JSON object a line.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use anyhow::Context as _;
use landfall_observation::Observation;

use crate::judging::Judging;

/// Longest line accepted; an observation has a few kilobytes.
const MAX_LINE: u64 = 1 << 20;

/// Most lines that are named one by one for being no observations.
const MAX_PROBLEMS: usize = 20;

/// Lines that are no observations.
#[derive(Default)]
pub(crate) struct Problems {
    named: Vec<String>,
    others: u64,
}

impl Problems {
    fn add(&mut self, problem: String) {
        if self.named.len() < MAX_PROBLEMS {
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

/// Takes in every line that is an observation and names those that are not.
pub(crate) fn read(path: &Path, judging: &mut Judging) -> anyhow::Result<Problems> {
    each(path, |observation| judging.observe(observation))
}

/// Hands every line that is an observation to `take` and names those that are not.
pub(crate) fn each(path: &Path, mut take: impl FnMut(&Observation)) -> anyhow::Result<Problems> {
    let name = path.display();
    let mut reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).with_context(|| format!("{name}: cannot be opened"))?))
    };
    let mut problems = Problems::default();
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
            problems.add(format!("{name}: line {number}: longer than {MAX_LINE} bytes, expected an observation"));
            continue;
        }
        let Ok(text) = str::from_utf8(&line) else {
            problems.add(format!("{name}: line {number}: expected UTF-8 text"));
            continue;
        };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match landfall_observation::decode(text) {
            Ok(observation) => take(&observation),
            Err(error) => problems.add(format!("{name}: line {number}: {error}")),
        }
    }
    Ok(problems)
}
