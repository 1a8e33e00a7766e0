use landfall_evidence::Hold;
use serde::Serialize;

use crate::{
    cells::{marked_unverified, or_dash, time},
    output::{Grid, Screen, Table},
};

/// A legal hold on records of a ledger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HoldRow<'a> {
    #[serde(flatten)]
    pub(crate) hold: &'a Hold,
    pub(crate) is_in_force: bool,
    /// The ledger was read without verifying it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unverified: bool,
}

/// Holds by name.
#[derive(Default)]
pub(crate) struct HoldTable(Vec<[String; 6]>);

impl Table for HoldTable {
    type Row<'a> = HoldRow<'a>;

    fn push(&mut self, HoldRow { hold, is_in_force, unverified }: &HoldRow<'_>) {
        let Hold { name, classes, until, reason, by } = hold;
        let classes: Vec<_> = classes.iter().map(|class| class.name()).collect();
        self.0.push([
            marked_unverified(name, *unverified),
            if *is_in_force { "yes" } else { "no" }.to_owned(),
            until.map_or_else(|| "lifted".to_owned(), time::second),
            classes.join(", "),
            or_dash(by.as_ref()),
            reason.clone(),
        ]);
    }

    fn render(&self, screen: Screen) -> String {
        let headings = ["HOLD", "IN FORCE", "UNTIL", "CLASSES", "BY", "REASON"];
        let mut grid = Grid::new(screen, &headings).keep_whole(&[0, 1, 2]);
        for cells in &self.0 {
            grid.push(cells);
        }
        format!("{}\n\n{} holds", grid.cut(), self.0.len())
    }
}
