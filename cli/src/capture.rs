//! Reads capture files through to the end, or until somebody asks to stop.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use landfall_agent::{
    decode::DecodeCounters,
    flow::TableCounters,
    fragments::FragmentCounters,
    inspect::MAX_NAMES,
    pipeline::ReadCounters,
    source::{self, CaptureFile, Item, RunError, Source, SourceError},
};

use crate::{diagnostics, frames::tell_not_ip, options::CaptureOptions, pipe::Pipe, progress::ReadingBar, stop::Stop};

/// Says on stderr what was read, and what a reader of the results should know about it.
pub(crate) fn summarise(counters: ReadCounters) {
    let ReadCounters { decoded, not_ip, fragments, table, inspected, names } = counters;
    let DecodeCounters { frames, packets, ip_bytes, malformed, truncated, .. } = decoded;
    let FragmentCounters { reassembled: _, refused, cut, expired, evicted } = fragments;
    diagnostics::status(format_args!(
        "{frames} frames, {packets} IP packets with {ip_bytes} bytes, {} flows",
        table.opened
    ));
    tell_not_ip(&not_ip, packets);
    say_odd(&[
        (malformed, "malformed packets, accounted in a line of their own"),
        (truncated, "packets whose end was not captured; their bytes count, their payload was not seen whole"),
        (refused, "fragmented datagrams whose parts overlap or contradict each other; their payload was not seen"),
        (cut + expired, "fragmented datagrams of which a part was not captured; their payload was not seen"),
        (evicted, "fragmented datagrams that found no room; their payload was not seen (--flow-memory)"),
        (inspected.gaps, "gaps in TCP streams; what was in them was not seen"),
        (inspected.bodies_cut, "compressed bodies that were read in part, being too large"),
        (
            inspected.names_left_out,
            &format!(
                "times a flow named a host beyond the {MAX_NAMES} that are kept of it; what was found there stands with its first host"
            ),
        ),
        (names.evicted, "names learnt by DNS that were forgotten early for want of memory (--flow-memory)"),
        (names.beyond, "times a name was learnt for an address that has many; it was not kept"),
        (table.evicted, &format!("flows reported early for want of memory (--flow-memory); {}", went_on(&table))),
        (table.clock_set_back, "times the capture's clock was set back"),
    ]);
}

/// Says what there is of what is odd.
pub(crate) fn say_odd(odd: &[(u64, &str)]) {
    for (count, what) in odd.iter().filter(|(count, _)| *count > 0) {
        diagnostics::note(format_args!("{count} {what}"));
    }
}

/// What became of the flows that were reported early.
fn went_on(table: &TableCounters) -> String {
    match (table.continued, table.continued_is_least) {
        (0, false) => "none of them went on".to_owned(),
        (0, true) => "none of them is known to have gone on".to_owned(),
        (count, false) => format!("{count} times one went on, in a further line"),
        (count, true) => format!("at least {count} times one went on, in a further line"),
    }
}

/// What was wrong with a file after its good frames were delivered.
#[derive(Debug)]
pub(crate) struct Damage(pub(crate) Vec<anyhow::Error>);

/// Hands what every file yields to `take`. A damaged file is read as far as it goes, and the
/// next one is still read; what was wrong comes back.
pub(crate) fn read(
    capture: &CaptureOptions,
    stop: &Stop,
    mut take: impl FnMut(&Item<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Damage> {
    let mut damage = Vec::new();
    for path in &capture.pcap {
        if stop.asked() {
            break;
        }
        let file = match open(path, stop) {
            Ok(file) => file,
            // A pipe ends where the signal found it, be it before its first byte.
            Err(_) if stop.asked() => break,
            Err(error) => {
                damage.push(error.into());
                continue;
            }
        };
        let name = path.file_name().map_or_else(|| "-".into(), |name| name.to_string_lossy());
        let mut shown = Shown { file, bar: ReadingBar::new(&name) };
        match source::run(&mut shown, || stop.asked(), |item| take(&item)) {
            Ok(()) => {}
            Err(RunError::Source(_)) if stop.asked() => {}
            Err(RunError::Source(error)) => damage.push(error.into()),
            Err(RunError::Taker(error)) => return Err(error),
        }
    }
    Ok(Damage(damage))
}

/// A file that shows how far it was read.
struct Shown {
    file: CaptureFile,
    bar: ReadingBar,
}

impl Source for Shown {
    type Error = SourceError;

    const IS_LIVE: bool = CaptureFile::IS_LIVE;

    fn next(&mut self) -> Result<Option<Item<'_>>, SourceError> {
        self.bar.frame(|| self.file.progress());
        self.file.next()
    }
}

fn open(path: &Path, stop: &Stop) -> Result<CaptureFile, SourceError> {
    if path.as_os_str() == "-" {
        let stdin = Pipe::new(stop.clone(), || Ok(io::stdin().lock()));
        return CaptureFile::from_reader("standard input", stdin);
    }
    // Named pipes and the like can be quiet for good, even while they are opened.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let owned = path.to_owned();
        let pipe = Pipe::new(stop.clone(), move || File::open(owned));
        return CaptureFile::from_reader(&path.display().to_string(), pipe);
    }
    CaptureFile::open(path)
}

impl Damage {
    /// Whether everything was read.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// An error that lists what was wrong, after the results were printed.
    pub(crate) fn into_result(self) -> anyhow::Result<()> {
        let Self(errors) = self;
        if errors.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = errors.iter().map(|error| format!("{error:#}")).collect();
        Err(anyhow::anyhow!(lines.join("\nerror: ")))
    }
}
