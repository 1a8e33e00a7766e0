//! What is asked of every board. Some of it as Grafana's dashboard-linter has it: a variable for the data source, titles
//! and units, rates over `$__rate_interval`, counters never as they are, boards that cannot be edited in place.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    colors::{READABLE, backgrounds},
    model::{Board, DataSource, Panel, Target, Variable},
};
use crate::rules::{
    expression::{Used, label_fields},
    files::Family,
};

/// Deployed since Grafana 10.4.
const SCHEMA: u32 = 39;
const COLUMNS: u32 = 24;
/// Kinds of panels that every Grafana has.
const TYPES: &[&str] = &["bargauge", "geomap", "stat", "state-timeline", "table", "timeseries"];
/// Units in which families of metrics are, or what is computed from them.
const UNITS: &[&str] = &["none", "s", "bytes", "decbytes", "Bps", "percentunit", "dateTimeAsIso"];
const TRANSFORMATIONS: &[&str] = &["merge", "organize", "sortBy"];
/// Labels that a scrape, or whoever gathers several clusters, adds.
const TARGET_LABELS: &[&str] = &["cluster", "instance", "job", "node", "pod"];
/// Agents report by the minute, so what they count grows by steps.
pub(super) const MINUTE: &str = "1m";
/// Functions that take a counter.
const COUNTER_FUNCTIONS: &[&str] = &["rate", "increase"];

/// What the rules look up.
#[derive(Debug)]
pub(super) struct Known {
    /// Families of docs/metrics.md, with their labels.
    pub(super) families: BTreeMap<String, Family>,
    /// Names of the runbooks.
    pub(super) runbooks: BTreeSet<String>,
    /// Fixed identifiers of all boards.
    pub(super) uids: BTreeSet<String>,
}

/// What is wrong with a board.
pub(super) fn faults(file: &str, board: &Board, known: &Known) -> Vec<String> {
    let mut faults = Faults { about: file.to_owned(), found: Vec::new() };
    of_board(file, board, &mut faults);
    of_variables(board, known, &mut faults);
    of_grid(&board.panels, &mut faults);
    for panel in &board.panels {
        faults.about = format!("{file}: panel {} {:?}", panel.id, panel.title);
        of_panel(panel, &board.uid, known, &mut faults);
        for target in &panel.targets {
            of_target(panel, target, known, &mut faults);
        }
    }
    faults.found
}

struct Faults {
    about: String,
    found: Vec<String>,
}

impl Faults {
    fn unless(&mut self, is_right: bool, what: &str) {
        if !is_right {
            self.found.push(format!("{}: {what}", self.about));
        }
    }
}

fn of_board(file: &str, board: &Board, faults: &mut Faults) {
    faults.unless(board.title.to_lowercase().replace(' ', "-") == file, "is in a file of another name");
    faults.unless(board.uid.starts_with("landfall-") && board.uid.len() <= 40, "has no uid of ours");
    faults.unless(board.schema_version == SCHEMA, "has another schema version");
    faults.unless(!board.editable, "can be edited in place, and the next release would overwrite that");
    faults.unless(board.tags == ["landfall"], "lacks the tag by which boards are linked");
    faults.unless(is_sentence(&board.description), "does not say what it answers");
    faults.unless(board.time.get("to").is_some_and(|to| to == "now"), "does not end now");
    faults
        .unless(!board.refresh.is_empty() && board.timezone == "browser", "does not refresh, or in a fixed time zone");
    let to_others = board
        .links
        .iter()
        .any(|it| it.r#type == "dashboards" && it.tags == board.tags && it.include_vars && it.keep_time);
    faults.unless(to_others, "does not link to the other boards");
}

fn of_variables(board: &Board, known: &Known, faults: &mut Faults) {
    let variables = &board.templating.list;
    let [first, others @ ..] = &variables[..] else {
        return faults.unless(false, "has no variable for the data source");
    };
    faults.unless(
        first.name == "datasource" && first.r#type == "datasource" && first.query == "prometheus",
        "does not begin with the variable datasource",
    );
    let names: Vec<_> = variables.iter().map(|it| it.name.as_str()).collect();
    let order = ["datasource", "cluster", "agreement", "namespace"];
    faults.unless(order.starts_with(&names), "has other variables than datasource, cluster, agreement, namespace");
    for Variable {
        name,
        label,
        r#type,
        datasource,
        query,
        definition,
        refresh,
        hide,
        include_all,
        all_value,
        multi,
        ..
    } in others
    {
        let about = |what: &str| format!("variable {name} {what}");
        faults.unless(
            r#type == "query" && datasource.as_ref().is_some_and(is_variable),
            &about("has a data source of its own"),
        );
        faults.unless(query["query"] == definition.as_str(), &about("shows another query than it runs"));
        faults.unless(*refresh == 2, &about("does not follow the time range"));
        // `.*` matches what has no such label, too.
        faults.unless(*include_all && *multi && all_value.as_deref() == Some(".*"), &about("does not begin with all"));
        faults.unless(!label.is_empty() && *hide == 0, &about("is not shown"));
        let asked = definition
            .strip_prefix("label_values(")
            .and_then(|it| it.strip_suffix(')'))
            .and_then(|it| it.rsplit_once(", "));
        let is_known = asked.is_some_and(|(selector, label)| {
            let used = Used::read(&interpolated(selector));
            used.metrics.keys().all(|metric| {
                known
                    .families
                    .get(metric)
                    .is_some_and(|labels| labels.contains(label) || TARGET_LABELS.contains(&label))
            })
        });
        faults.unless(is_known, &about("asks for a label that no family has"));
        let in_query = |target: &Target| target.expr.contains(&format!("\"${name}\""));
        faults.unless(board.panels.iter().flat_map(|panel| &panel.targets).any(in_query), &about("is used nowhere"));
    }
    for target in board.panels.iter().flat_map(|panel| &panel.targets) {
        for used in variables_of(&target.expr) {
            faults.unless(names.contains(&used.as_str()), &format!("uses ${used} and does not define it"));
        }
    }
}

fn of_grid(panels: &[Panel], faults: &mut Faults) {
    for (place, panel) in panels.iter().enumerate() {
        let a = panel.grid_pos;
        faults.unless(a.w > 0 && a.h > 2 && a.x + a.w <= COLUMNS, &format!("panel {} leaves the grid", panel.id));
        for other in &panels[place + 1..] {
            let b = other.grid_pos;
            let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
            faults.unless(apart, &format!("panels {} and {} overlap", panel.id, other.id));
            faults.unless(panel.id != other.id, &format!("two panels have the id {}", panel.id));
            faults.unless(panel.title != other.title, &format!("two panels have the title {:?}", panel.title));
        }
    }
}

fn of_panel(panel: &Panel, uid: &str, known: &Known, faults: &mut Faults) {
    let defaults = &panel.field_config.defaults;
    faults.unless(TYPES.contains(&panel.r#type.as_str()), "is of a kind that not every Grafana has");
    faults.unless(!panel.title.is_empty() && panel.title.len() <= 60, "has no title, or a long one");
    // What it shows, and what to do.
    faults.unless(
        is_sentence(&panel.description) && panel.description.matches(['.', ':', ';']).count() >= 2,
        "does not say what to do",
    );
    faults.unless(is_variable(&panel.datasource), "has a data source of its own");
    faults.unless(!panel.targets.is_empty(), "asks for nothing");
    let units = panel.field_config.overrides.iter().flat_map(|it| &it.properties).filter(|it| it.id == "unit");
    let units: Vec<_> = units.map(|it| &it.value).chain([&defaults["unit"]]).collect();
    faults.unless(
        units.iter().all(|unit| unit.as_str().is_some_and(|unit| UNITS.contains(&unit))),
        "has no unit, or an unknown one",
    );
    let empty = defaults["noValue"].as_str().unwrap_or_default();
    faults.unless(empty.starts_with("no data because ") && empty.len() > 24, "does not say why it may be empty");
    // That nothing is wrong must not be said where nobody looks.
    faults.unless(empty.contains("not scraped") || empty.contains("no agent is scraped"), "forgets a missing scrape");
    for transformation in &panel.transformations {
        faults.unless(TRANSFORMATIONS.contains(&transformation.id.as_str()), "has an unknown transformation");
        // A column that is renamed and does not exist is a typing error.
        faults.unless(transformation.options.is_object(), "has a transformation without options");
    }
    for rule in &panel.field_config.overrides {
        let is_named = rule.matcher.id == "byName" && !rule.matcher.options.is_empty() && !rule.properties.is_empty();
        faults.unless(is_named, "overrides fields that it does not name");
    }
    for color in backgrounds(panel) {
        faults
            .unless(READABLE.contains(&color), &format!("shows text on {color}, which not every theme makes readable"));
    }
    faults.unless(
        panel.r#type != "stat" || panel.options["colorMode"] == "background_solid",
        "shows text on a gradient, or in a colour",
    );
    if panel.r#type == "geomap" {
        faults.unless(panel.options["basemap"]["type"] == "geojson", "fetches tiles from elsewhere");
        let layers = panel.options["layers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let looks_up = |layer: &serde_json::Value| layer["type"] == "markers" && layer["location"]["mode"] == "lookup";
        faults.unless(!layers.is_empty() && layers.iter().all(looks_up), "places markers otherwise than by country");
    }
    let mut refs: Vec<_> = panel.targets.iter().map(|target| &target.ref_id).collect();
    refs.sort();
    refs.dedup();
    faults.unless(refs.len() == panel.targets.len(), "has two queries of one name");
    of_links(panel, uid, known, faults);
}

/// First the runbook, then the board to look at next.
fn of_links(panel: &Panel, uid: &str, known: &Known, faults: &mut Faults) {
    let [runbook, next] = &panel.links[..] else {
        return faults.unless(false, "has other links than runbook and next board");
    };
    let name = runbook.url.strip_prefix("docs/runbooks/").and_then(|it| it.strip_suffix(".md"));
    faults.unless(name.is_some_and(|name| known.runbooks.contains(name)), "links a runbook that does not exist");
    faults.unless(
        runbook.title == format!("Runbook: {}", name.unwrap_or_default()) && runbook.target_blank,
        "names another runbook than it links",
    );
    let board = next.url.strip_prefix("/d/").and_then(|it| it.strip_suffix("?${__url_time_range}&${__all_variables}"));
    let is_other = board.is_some_and(|it| known.uids.contains(it) && it != uid);
    faults.unless(
        is_other && next.title.starts_with("Next: ") && !next.target_blank,
        "does not link to another board with time and variables",
    );
}

fn of_target(panel: &Panel, target: &Target, known: &Known, faults: &mut Faults) {
    let Target { datasource, expr, format, instant, range, legend_format, .. } = target;
    faults.unless(is_variable(datasource), "asks a data source of its own");
    faults.unless(instant != range, "asks for an instant and a range, or neither");
    let is_table = matches!(panel.r#type.as_str(), "table" | "geomap");
    faults.unless((format == "table") == is_table && (!is_table || *instant), "asks for another form than it shows");
    let is_over_time = matches!(panel.r#type.as_str(), "timeseries" | "state-timeline");
    faults.unless(!is_over_time || *range, "shows an instant over time");
    faults.unless(!expr.contains("/ 0") && !expr.contains("vector("), "makes up a value where there is none");

    faults.unless(target.interval.as_deref().is_none_or(|it| it == MINUTE), "has a step of its own");

    let used = Used::read(&interpolated(expr));
    let mut labels: BTreeSet<String> = TARGET_LABELS.iter().map(|label| (*label).to_owned()).collect();
    for (metric, matched) in &used.metrics {
        let Some(family) = family(metric, known) else {
            faults.unless(false, &format!("asks for {metric}, which is not in docs/metrics.md"));
            continue;
        };
        let own: BTreeSet<String> =
            family.iter().cloned().chain(TARGET_LABELS.iter().map(|it| (*it).to_owned())).collect();
        for label in matched.difference(&own) {
            faults.unless(false, &format!("{metric} has no label {label}"));
        }
        labels.extend(family.iter().cloned());
    }
    labels.insert("le".to_owned());
    let shown = legend_format.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim().to_owned()));
    for label in used.grouped.iter().cloned().chain(shown).chain(label_fields(legend_format)) {
        faults.unless(labels.contains(&label), &format!("nothing has a label {label}"));
    }
    of_selectors(expr, *instant, faults);
}

/// Each selector chooses by cluster; a counter stands in `rate` over the rate interval or `increase` over the range.
fn of_selectors(expr: &str, instant: bool, faults: &mut Faults) {
    for (at, _) in expr.match_indices("landfall_") {
        let rest = &expr[at..];
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let matchers = rest.strip_prefix('{').and_then(|it| it.split_once('}'));
        let Some((matchers, after)) = matchers else {
            faults.unless(false, &format!("{name} is not selected by cluster"));
            continue;
        };
        faults.unless(matchers.starts_with("cluster=~\"$cluster\""), &format!("{name} is not selected by cluster"));
        let before = expr[..at].trim_end_matches('(');
        let function = before.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
        let window = after.strip_prefix('[').and_then(|it| it.split_once(']')).map(|(window, _)| window);
        if ["_total", "_bucket", "_sum", "_count"].iter().any(|suffix| name.ends_with(suffix)) {
            match (function, window) {
                ("rate", Some("$__rate_interval")) => {}
                ("increase", Some("$__range")) => {
                    faults.unless(instant, "asks for the increase over the range at each instant");
                }
                // What a counter had when it appeared: it is in no increase.
                (_, None) if appeared(expr, name) => faults.unless(instant, "shows a counter as it is"),
                _ => faults.unless(false, &format!("shows the counter {name} as it is, or over a fixed time")),
            }
        } else {
            faults.unless(!COUNTER_FUNCTIONS.contains(&function), &format!("takes the rate of the gauge {name}"));
            faults.unless(
                window.is_none_or(|window| window == "$__range"),
                &format!("looks at {name} over a fixed time"),
            );
        }
    }
}

/// Whether the expression takes a counter without its series at the start of the range.
fn appeared(expr: &str, name: &str) -> bool {
    expr.contains(&format!("unless {name}{{"))
        && expr.contains("offset $__range")
        && expr.contains(&format!("increase({name}{{"))
}

fn family<'a>(metric: &str, known: &'a Known) -> Option<&'a Family> {
    let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| metric.strip_suffix(suffix));
    known.families.get(metric).or_else(|| known.families.get(of_histogram?))
}

/// The expression as Prometheus may get it.
pub(super) fn interpolated(expr: &str) -> String {
    expr.replace("$__rate_interval", "1m").replace("$__range", "1h")
}

/// The variables of an expression, without Grafana's own.
fn variables_of(expr: &str) -> Vec<String> {
    let name = |rest: &str| {
        rest.trim_start_matches('{')
            .chars()
            .take_while(|it| it.is_ascii_alphanumeric() || *it == '_')
            .collect::<String>()
    };
    expr.split('$').skip(1).map(name).filter(|name| !name.starts_with("__")).collect()
}

fn is_variable(source: &DataSource) -> bool {
    *source == DataSource { r#type: "prometheus".to_owned(), uid: "${datasource}".to_owned() }
}

fn is_sentence(text: &str) -> bool {
    text.len() > 20 && text.ends_with('.') && text.starts_with(|first: char| first.is_uppercase())
}
