//! Rows in memory, until they are written as a row group.

use std::io::Write;

use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, Int64Type},
    errors::Result,
    file::writer::{SerializedColumnWriter, SerializedFileWriter},
};

use crate::{
    cells::{Cell, Row},
    column::{Column, ColumnType},
    tables::Table,
};

/// A row group is written when it has so many rows, or about so many bytes: they bound the memory.
const MAX_ROWS: usize = 1 << 16;
const MAX_BYTES: usize = 16 << 20;

/// The rows of a table that are not written yet, by column.
#[derive(Debug)]
pub(crate) struct RowGroup {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

/// The values of a column without its nulls, and the levels that say where those are (Parquet's *definition* and *repetition*
/// levels, after the Dremel paper).
#[derive(Debug)]
struct Values {
    column: &'static Column,
    cells: Vec<Cell>,
    definition: Vec<i16>,
    /// Of a list: 0 begins a row.
    repetition: Vec<i16>,
}

// === impl RowGroup ===

impl RowGroup {
    pub(crate) fn new(table: &Table) -> Self {
        let columns = table.columns().map(Values::new).collect();
        Self { columns, rows: 0, bytes: 0 }
    }

    pub(crate) fn push(&mut self, row: &Row<'_>) {
        for values in &mut self.columns {
            let cell = row.cell(values.column);
            self.bytes += cell.size();
            values.push(cell);
        }
        self.rows += 1;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows >= MAX_ROWS || self.bytes >= MAX_BYTES
    }

    /// Writes the rows and forgets them; nothing if there are none.
    pub(crate) fn write<W: Write + Send>(&mut self, file: &mut SerializedFileWriter<W>) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = file.next_row_group()?;
        for values in &mut self.columns {
            if let Some(mut column) = group.next_column()? {
                values.write(&mut column)?;
                column.close()?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

// === impl Values ===

impl Values {
    fn new(column: &'static Column) -> Self {
        Self { column, cells: Vec::new(), definition: Vec::new(), repetition: Vec::new() }
    }

    fn push(&mut self, cell: Cell) {
        if !self.column.is_list {
            self.push_value(cell, 0, [0, 1]);
            return;
        }
        match cell {
            // A list: 0 null, 1 empty, 2 a null element, 3 an element.
            Cell::List(cells) if cells.is_empty() => self.push_level(1, 0),
            Cell::List(cells) => {
                for (index, cell) in cells.into_iter().enumerate() {
                    self.push_value(cell, i16::from(index > 0), [2, 3]);
                }
            }
            _ => self.push_level(0, 0),
        }
    }

    fn push_value(&mut self, cell: Cell, repetition: i16, [null, present]: [i16; 2]) {
        if cell == Cell::Null {
            self.push_level(null, repetition);
        } else {
            self.push_level(present, repetition);
            self.cells.push(cell);
        }
    }

    fn push_level(&mut self, definition: i16, repetition: i16) {
        self.definition.push(definition);
        if self.column.is_list {
            self.repetition.push(repetition);
        }
    }

    fn write(&mut self, to: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let definition = Some(&*self.definition);
        let repetition = self.column.is_list.then_some(&*self.repetition);
        let cells = self.cells.drain(..);
        match self.column.column_type {
            ColumnType::Text => {
                let texts: Vec<ByteArray> = cells.filter_map(Cell::into_text).map(ByteArray::from).collect();
                to.typed::<ByteArrayType>().write_batch(&texts, definition, repetition)?;
            }
            ColumnType::Integer | ColumnType::Timestamp => {
                let integers: Vec<i64> = cells.filter_map(Cell::into_integer).collect();
                to.typed::<Int64Type>().write_batch(&integers, definition, repetition)?;
            }
            ColumnType::Boolean => {
                let booleans: Vec<bool> = cells.filter_map(Cell::into_boolean).collect();
                to.typed::<BoolType>().write_batch(&booleans, definition, repetition)?;
            }
        }
        self.definition.clear();
        self.repetition.clear();
        Ok(())
    }
}
