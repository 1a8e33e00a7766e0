//! Classic dashboards of Grafana, as far as ours use them. A field that is not here is a mistake, or needs a rule first.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use serde_json::Value;

use crate::support::root;

/// A board, with the name of its file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "fields that Grafana needs and no rule reads are still part of the model")]
pub(super) struct Board {
    pub(super) uid: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) editable: bool,
    pub(super) schema_version: u32,
    version: u32,
    graph_tooltip: u32,
    pub(super) timezone: String,
    week_start: String,
    fiscal_year_start_month: u32,
    live_now: bool,
    pub(super) refresh: String,
    pub(super) time: BTreeMap<String, String>,
    timepicker: BTreeMap<String, Value>,
    annotations: Listed<Value>,
    pub(super) links: Vec<BoardLink>,
    pub(super) templating: Listed<Variable>,
    pub(super) panels: Vec<Panel>,
}

/// `{"list": […]}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed<T> {
    pub(super) list: Vec<T>,
}

/// A link from one board to those with the same tags.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, clippy::struct_excessive_bools, reason = "as Grafana has it")]
pub(super) struct BoardLink {
    pub(super) r#type: String,
    title: String,
    pub(super) tags: Vec<String>,
    as_dropdown: bool,
    pub(super) include_vars: bool,
    pub(super) keep_time: bool,
    target_blank: bool,
    icon: String,
    tooltip: String,
    url: String,
}

/// A variable of a board.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) label: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) r#type: String,
    pub(super) datasource: Option<DataSource>,
    pub(super) query: Value,
    #[serde(default)]
    pub(super) definition: String,
    /// 1: when the board is loaded, 2: when the time range changes.
    pub(super) refresh: u32,
    #[serde(default)]
    sort: u32,
    regex: String,
    pub(super) hide: u32,
    pub(super) include_all: bool,
    pub(super) all_value: Option<String>,
    pub(super) multi: bool,
    current: Value,
    options: Vec<Value>,
}

/// A reference to a data source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataSource {
    pub(super) r#type: String,
    pub(super) uid: String,
}

/// A panel.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Panel {
    pub(super) id: u32,
    pub(super) r#type: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) datasource: DataSource,
    pub(super) grid_pos: GridPos,
    pub(super) targets: Vec<Target>,
    pub(super) field_config: FieldConfig,
    pub(super) options: Value,
    pub(super) links: Vec<PanelLink>,
    #[serde(default)]
    pub(super) transformations: Vec<Transformation>,
}

/// Where a panel is, in a grid of 24 columns.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GridPos {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) w: u32,
    pub(super) h: u32,
}

/// A query.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct Target {
    pub(super) datasource: DataSource,
    editor_mode: String,
    pub(super) expr: String,
    pub(super) ref_id: String,
    pub(super) format: String,
    pub(super) instant: bool,
    pub(super) range: bool,
    pub(super) legend_format: String,
    /// Least time between two points; Grafana's rate interval is four times that.
    pub(super) interval: Option<String>,
}

/// How values are shown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldConfig {
    pub(super) defaults: Value,
    pub(super) overrides: Vec<Override>,
}

/// How the values of some fields are shown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Override {
    pub(super) matcher: Matcher,
    pub(super) properties: Vec<Property>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Matcher {
    pub(super) id: String,
    pub(super) options: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Property {
    pub(super) id: String,
    pub(super) value: Value,
}

/// A link of a panel.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PanelLink {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) target_blank: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transformation {
    pub(super) id: String,
    pub(super) options: Value,
}

/// The boards of the folder, by the names of their files.
pub(super) fn boards() -> BTreeMap<String, Value> {
    let files = fs::read_dir(root().join("dashboards")).unwrap().map(|entry| entry.unwrap().path());
    let boards = files.filter(|file| file.extension().is_some_and(|it| it == "json"));
    let read = |file: std::path::PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        // One form, so that a change shows as what it is.
        assert!(text.ends_with("}\n") && text.starts_with("{\n  \"uid\""), "{name}: expected an indent of two spaces");
        (name, value)
    };
    boards.map(read).collect()
}

/// A board in the model; the fault with its path otherwise.
pub(super) fn typed(value: &Value) -> Result<Board, String> {
    serde_path_to_error::deserialize(value).map_err(|error| error.to_string())
}
