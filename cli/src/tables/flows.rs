use std::iter;

use landfall_agent::flow_line::FlowLine;

use crate::{
    cells::bytes,
    output::{Grid, Lines, Screen, Table},
};

const COLUMNS: [&str; 8] = ["START", "FROM", "TO", "PROTOCOL", "HOST", "BY", "OUT", "IN"];

/// Fits a time, IPv4 addresses with their ports, and common values in the other columns.
const DEFAULT_WIDTHS: [usize; 8] = [8, 21, 21, 14, 32, 9, 9, 9];

/// Columns that are aligned to the right.
const NUMBERS: [usize; 2] = [6, 7];

/// Flows as a table.
#[derive(Default)]
pub(crate) struct FlowTable {
    rows: Vec<[String; 8]>,
}

impl Table for FlowTable {
    type Row<'a> = FlowLine;

    fn push(&mut self, line: &FlowLine) {
        self.rows.push(cells(line));
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = Grid::new(screen, &COLUMNS).align_right(&NUMBERS);
        for row in &self.rows {
            grid.push(row);
        }
        grid.cut()
    }
}

impl Lines for FlowTable {
    fn default_widths() -> Vec<usize> {
        DEFAULT_WIDTHS.to_vec()
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].as_str());
            cells.map(|cell| cell.chars().count()).chain([DEFAULT_WIDTHS[column]]).max().unwrap_or_default()
        };
        (0..COLUMNS.len()).map(width).collect()
    }

    fn header(widths: &[usize]) -> String {
        aligned(&COLUMNS, widths)
    }

    fn lines(&self, widths: &[usize]) -> impl Iterator<Item = String> {
        self.rows.iter().map(|row| aligned(&row.each_ref().map(String::as_str), widths))
    }

    fn line(line: &FlowLine, widths: &[usize]) -> String {
        aligned(&cells(line).each_ref().map(String::as_str), widths)
    }
}

/// A line with columns of these widths; a longer cell moves the rest of its line.
fn aligned(cells: &[&str; 8], widths: &[usize]) -> String {
    let mut text = String::with_capacity(widths.iter().map(|width| width + 2).sum());
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let padding = width.saturating_sub(cell.chars().count());
        let (before, behind) = if NUMBERS.contains(&column) { (padding, 0) } else { (0, padding) };
        let is_last = column + 1 == cells.len();
        text.extend(iter::repeat_n(' ', before));
        text.push_str(cell);
        text.extend(iter::repeat_n(' ', if is_last { 0 } else { behind + 2 }));
    }
    text
}

fn cells(line: &FlowLine) -> [String; 8] {
    let tls = line.tls.as_ref().and_then(|tls| tls.version).map_or(String::new(), |version| format!(" {version}"));
    [
        line.start.strftime("%H:%M:%S").to_string(),
        side(line.src, line.src_port),
        side(line.dst, line.dst_port),
        format!("{}/{}{tls}", line.transport, line.protocol),
        host(line),
        line.host.as_ref().map_or("", |_| line.host_method.as_str()).to_owned(),
        bytes(line.bytes_out),
        bytes(line.bytes_in),
    ]
}

/// The host; in brackets if it is a name that a DNS client asks for, or one of several candidates.
fn host(line: &FlowLine) -> String {
    match (&line.host, line.names.as_slice()) {
        (Some(host), _) => host.clone(),
        (None, []) => "-".to_owned(),
        (None, [one]) => format!("({})", one.name),
        (None, [one, more @ ..]) => format!("({} +{})", one.name, more.len()),
    }
}

fn side(address: std::net::IpAddr, port: u16) -> String {
    if port == 0 { address.to_string() } else { std::net::SocketAddr::new(address, port).to_string() }
}

#[cfg(test)]
mod tests {
    use landfall_observation::{HostMethod, Protocol};

    use super::*;

    fn line(host: &str, bytes_out: u64) -> FlowLine {
        FlowLine {
            start: "2026-11-23T10:00:00Z".parse().unwrap(),
            end: "2026-11-23T10:00:01Z".parse().unwrap(),
            transport: "tcp",
            src: "192.0.2.1".parse().unwrap(),
            src_port: 40_000,
            dst: "2001:db8::1".parse().unwrap(),
            dst_port: 443,
            bytes_out,
            bytes_in: 0,
            packets_out: 1,
            packets_in: 0,
            protocol: Protocol::TLS,
            host: Some(host.to_owned()),
            host_method: HostMethod::Sni,
            names: Vec::new(),
            ech: false,
            tls: None,
            tunnel: Vec::new(),
            truncated: false,
        }
    }

    #[test]
    fn lines_have_room_for_the_first_results_and_for_what_is_usual() {
        let rows = [line("a-name-that-is-longer-than-names-are.example.org", 1_234_567), line("b.example", 1)];
        let mut table = FlowTable::default();
        for row in &rows {
            table.push(row);
        }
        let widths = table.widths();
        assert_eq!(widths, [8, 21, 21, 14, 48, 9, 9, 9]);
        let lines: Vec<String> = [FlowTable::header(&widths)].into_iter().chain(table.lines(&widths)).collect();
        assert_eq!(lines[1..], rows.each_ref().map(|row| FlowTable::line(row, &widths)));
        let ends = |text: &str| lines.iter().map(|line| line.rfind(text).map(|at| at + text.len())).collect::<Vec<_>>();
        assert_eq!([ends("OUT")[0], ends("1.2 MB")[1], ends("1 B")[2]], [Some(142); 3]);
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [153; 3]);
    }
}
