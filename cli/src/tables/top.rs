use std::collections::BinaryHeap;

/// The most rows of a table: laying out a row takes about 3 kB, and nobody reads more.
const MAX_ROWS: usize = 10_000;

/// The rows that sort first, up to a number.
#[derive(Debug)]
pub(super) struct Top<R> {
    capacity: usize,
    /// The row that sorts last is on top: it makes room for a better one.
    rows: BinaryHeap<R>,
    beyond: usize,
}

impl<R: Ord> Default for Top<R> {
    fn default() -> Self {
        Self::with_capacity(MAX_ROWS)
    }
}

impl<R: Ord> Top<R> {
    fn with_capacity(capacity: usize) -> Self {
        Self { capacity, rows: BinaryHeap::new(), beyond: 0 }
    }

    pub(super) fn push(&mut self, row: R) {
        self.rows.push(row);
        if self.rows.len() > self.capacity {
            self.rows.pop();
            self.beyond += 1;
        }
    }

    /// The rows in order.
    pub(super) fn sorted(&self) -> Vec<&R> {
        let mut rows: Vec<&R> = self.rows.iter().collect();
        rows.sort();
        rows
    }

    /// A line for the rows that are not shown; empty if there are none.
    pub(super) fn overflow(&self) -> String {
        match self.beyond {
            0 => String::new(),
            beyond => format!("\n… and {beyond} more, none of them worse (-o json lists them)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_stay_and_the_others_are_counted() {
        let mut top = Top::with_capacity(3);
        for row in [5, 1, 4, 2, 3, 9] {
            top.push(row);
        }
        assert_eq!(top.sorted(), [&1, &2, &3]);
        assert_eq!(top.overflow(), "\n… and 3 more, none of them worse (-o json lists them)");
        assert_eq!(Top::<u8>::default().overflow(), "");
    }
}
