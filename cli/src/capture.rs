//! Reads capture files to the end, or until a signal arrives.

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

use crate::{
    diagnostics, frames::print_frames_without_ip, options::CaptureOptions, pipe::Pipe, progress::ReadingBar,
    stop::StopSignal,
};

/// Prints on stderr what was read, with notes that matter for the results.
pub(crate) fn print_summary(counters: ReadCounters) {
    let ReadCounters { decoded, not_ip, fragments, table, inspected, names } = counters;
    let DecodeCounters { frames, packets, ip_bytes, malformed, truncated, .. } = decoded;
    let FragmentCounters { reassembled: _, refused, cut, expired, evicted } = fragments;
    diagnostics::status(format_args!(
        "{frames} frames, {packets} IP packets with {ip_bytes} bytes, {} flows",
        table.opened
    ));
    print_frames_without_ip(&not_ip, packets);
    print_notes(&[
        (malformed, "malformed packets, listed on a line of their own"),
        (truncated, "packets were captured without their end; their bytes count, their payload was only seen in part"),
        (refused, "fragmented datagrams with overlapping or contradictory fragments; their payload was not seen"),
        (cut + expired, "fragmented datagrams with fragments that were not captured; their payload was not seen"),
        (evicted, "fragmented datagrams did not fit into memory; their payload was not seen (--flow-memory)"),
        (inspected.gaps, "gaps in TCP streams; the data in them was not seen"),
        (inspected.bodies_cut, "compressed bodies were too large and read only in part"),
        (
            inspected.names_left_out,
            &format!(
                "times a flow named a host beyond the {MAX_NAMES} that are kept of it; findings there are listed with its first host"
            ),
        ),
        (names.evicted, "names learnt from DNS were dropped early for lack of memory (--flow-memory)"),
        (names.beyond, "times a name was not kept because its address already had too many"),
        (table.evicted, &format!("flows reported early for want of memory (--flow-memory); {}", continuations(&table))),
        (table.clock_set_back, "times the capture's clock was set back"),
    ]);
}

/// Prints a note for every count that is not zero.
pub(crate) fn print_notes(counts: &[(u64, &str)]) {
    for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
        diagnostics::note(format_args!("{count} {what}"));
    }
}

/// Whether flows that were reported early continued.
fn continuations(table: &TableCounters) -> String {
    match (table.continued, table.continued_is_least) {
        (0, false) => "none of them continued".to_owned(),
        (0, true) => "none of them is known to have continued".to_owned(),
        (count, false) => format!("{count} times one continued, on a further line"),
        (count, true) => format!("at least {count} times one continued, on a further line"),
    }
}

/// Why files could not be read to their end.
#[derive(Debug)]
pub(crate) struct ReadErrors(pub(crate) Vec<anyhow::Error>);

/// Passes the items of every file to `take`. A damaged file is read as far as possible, and the next one is still read; the
/// errors are returned.
pub(crate) fn read(
    capture: &CaptureOptions,
    stop: &StopSignal,
    mut take: impl FnMut(&Item<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<ReadErrors> {
    let mut errors = Vec::new();
    for path in &capture.pcap {
        if stop.is_requested() {
            break;
        }
        let file = match open(path, stop) {
            Ok(file) => file,
            // After a signal a pipe may end before its first byte.
            Err(_) if stop.is_requested() => break,
            Err(error) => {
                errors.push(error.into());
                continue;
            }
        };
        let name = path.file_name().map_or_else(|| "-".into(), |name| name.to_string_lossy());
        let mut source = WithProgress { file, bar: ReadingBar::new(&name) };
        match source::run(&mut source, || stop.is_requested(), |item| take(&item)) {
            Ok(()) => {}
            Err(RunError::Source(_)) if stop.is_requested() => {}
            Err(RunError::Source(error)) => errors.push(error.into()),
            Err(RunError::Taker(error)) => return Err(error),
        }
    }
    Ok(ReadErrors(errors))
}

/// A capture file with a progress bar.
struct WithProgress {
    file: CaptureFile,
    bar: ReadingBar,
}

impl Source for WithProgress {
    type Error = SourceError;

    const IS_LIVE: bool = CaptureFile::IS_LIVE;

    fn next(&mut self) -> Result<Option<Item<'_>>, SourceError> {
        self.bar.frame(|| self.file.progress());
        self.file.next()
    }
}

fn open(path: &Path, stop: &StopSignal) -> Result<CaptureFile, SourceError> {
    if path.as_os_str() == "-" {
        let stdin = Pipe::new(stop.clone(), || Ok(io::stdin().lock()));
        return CaptureFile::from_reader("standard input", stdin);
    }
    // Opening or reading a named pipe can block forever.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let owned = path.to_owned();
        let pipe = Pipe::new(stop.clone(), move || File::open(owned));
        return CaptureFile::from_reader(&path.display().to_string(), pipe);
    }
    CaptureFile::open(path)
}

impl ReadErrors {
    /// Whether every file was read to its end.
    pub(crate) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// One error that lists all, to return after the results are printed.
    pub(crate) fn into_result(self) -> anyhow::Result<()> {
        let Self(errors) = self;
        if errors.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = errors.iter().map(|error| format!("{error:#}")).collect();
        Err(anyhow::anyhow!(lines.join("\nerror: ")))
    }
}
