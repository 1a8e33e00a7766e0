use comfy_table::{Cell, CellAlignment};
use landfall_agent::flow_line::FlowLine;

use super::{Lines, Screen, Table, bytes, draw, grid};

const COLUMNS: [&str; 8] = ["START", "FROM", "TO", "PROTOCOL", "HOST", "BY", "OUT", "IN"];

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
        let mut grid = grid(&COLUMNS, screen);
        for column in [6, 7] {
            if let Some(column) = grid.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for row in &self.rows {
            grid.add_row(row.iter().map(Cell::new));
        }
        draw(&mut grid, screen)
    }
}

impl Lines for FlowTable {
    fn header() -> String {
        aligned(&COLUMNS)
    }

    fn line(line: &FlowLine) -> String {
        aligned(&cells(line).each_ref().map(String::as_str))
    }
}

/// A line whose columns have room for what is usual; what is longer moves the rest.
fn aligned([start, from, to, protocol, host, by, out, back]: &[&str; 8]) -> String {
    format!("{start:<8}  {from:<21}  {to:<21}  {protocol:<14}  {host:<32}  {by:<9}  {out:>9}  {back:>9}")
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

/// The host; in brackets the names that a DNS client asks for, or that are too many to choose from.
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
