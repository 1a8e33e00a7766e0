use comfy_table::Cell;

use landfall_evidence::Hold;
use serde::Serialize;

use crate::output::{Screen, Table, draw, grid, keep};

/// A hold as it is listed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedHold<'a> {
    #[serde(flatten)]
    pub(crate) hold: &'a Hold,
    pub(crate) is_in_force: bool,
    /// Nothing was verified.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unverified: bool,
}

/// Holds, by name.
#[derive(Default)]
pub(crate) struct HoldTable(Vec<[String; 6]>);

impl Table for HoldTable {
    type Row<'a> = ListedHold<'a>;

    fn push(&mut self, ListedHold { hold, is_in_force, unverified }: &ListedHold<'_>) {
        let classes: Vec<_> = hold.classes.iter().map(|class| class.name()).collect();
        self.0.push([
            format!("{}{}", if *unverified { "UNVERIFIED " } else { "" }, hold.name),
            if *is_in_force { "yes" } else { "no" }.to_owned(),
            hold.until.map_or_else(|| "lifted".to_owned(), |until| until.strftime("%F %H:%M:%SZ").to_string()),
            classes.join(", "),
            hold.by.clone().unwrap_or_else(|| "-".to_owned()),
            hold.reason.clone(),
        ]);
    }

    fn render(&self, screen: Screen) -> String {
        let mut grid = grid(&["HOLD", "IN FORCE", "UNTIL", "HOLDS", "BY", "REASON"], screen);
        for cells in &self.0 {
            grid.add_row(cells.iter().map(Cell::new));
        }
        keep(&mut grid, &[0, 1, 2], screen);
        format!("{}\n\n{} holds", draw(&mut grid, screen), self.0.len())
    }
}
