use std::{collections::BTreeSet, env, fs, path::Path};

use parquet::schema::parser::parse_message_type;

use super::*;

/// What was exported once is queried for years: a table may only get longer.
fn is_only_longer(published: &[&str], current: &[String]) -> bool {
    let of = |table: &str, line: &str| line.split(' ').next() == Some(table);
    let tables: BTreeSet<&str> = published.iter().filter_map(|line| line.split(' ').next()).collect();
    tables.into_iter().all(|table| {
        let before: Vec<&str> = published.iter().copied().filter(|line| of(table, line)).collect();
        let after: Vec<&str> = current.iter().map(String::as_str).filter(|line| of(table, line)).collect();
        after.starts_with(&before)
    })
}

#[test]
fn columns_are_only_added() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/columns.txt");
    let published = fs::read_to_string(&path).unwrap_or_default();
    let line = |table: &Table, column: &Column| format!("{} {} {}", table.name, column.name, column.type_name());
    let current: Vec<String> =
        TABLES.iter().flat_map(|table| table.columns().map(move |column| line(table, column))).collect();
    assert!(
        is_only_longer(&published.lines().collect::<Vec<_>>(), &current),
        "a published column was changed: {}",
        path.display()
    );
    let text = current.join("\n") + "\n";
    if env::var_os("LANDFALL_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    } else {
        assert_eq!(text, published, "new columns: run this test with LANDFALL_UPDATE=1");
    }
}

#[test]
fn a_column_that_is_renamed_moved_retyped_or_gone_is_noticed() {
    let published = ["gap node text", "gap cause text", "rollup node text"];
    let current = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert!(is_only_longer(
        &published,
        &current(&["gap node text", "gap cause text", "gap more int64", "rollup node text"])
    ));
    for changed in [
        &["gap host text", "gap cause text", "rollup node text"][..],
        &["gap cause text", "gap node text", "rollup node text"],
        &["gap node int64", "gap cause text", "rollup node text"],
        &["gap node text", "rollup node text"],
        &["gap node text", "gap cause text"],
    ] {
        assert!(!is_only_longer(&published, &current(changed)), "{changed:?}");
    }
}

#[test]
fn a_table_has_no_column_twice_and_parquet_reads_its_schema() {
    for table in &TABLES {
        let names: BTreeSet<&str> = table.columns().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns().count(), "{}", table.name);
        let schema = parse_message_type(&table.message_type()).unwrap();
        assert_eq!(schema.get_fields().len(), names.len());
    }
}

#[test]
fn tables_are_named_as_their_kinds() {
    for kind in RecordKind::ALL {
        let table = Table::of(&kind.into());
        assert_eq!((table.name, table.kind), (kind.name(), Some(kind)));
    }
    assert_eq!(Table::of(&Recorded::Unknown("approval".to_owned())).name, "other");
}

#[test]
fn the_page_lists_the_columns_of_each_table() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/export.md");
    let before = fs::read_to_string(&page).unwrap();
    let (head, rest) = before.split_once("tables:: -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end of columns -->").unwrap();
    let rows = |name: &str, columns: &[&Column]| -> String {
        let rows = columns.iter().map(|it| format!("| `{}` | {} | {} |\n", it.name, it.type_name(), it.meaning));
        format!("### {name}\n\n| column | type | |\n|---|---|---|\n{}\n", rows.collect::<String>())
    };
    let mut listed = rows("All tables", &common::COLUMNS.iter().collect::<Vec<_>>());
    for table in &TABLES {
        let columns: Vec<_> = table.columns().skip(common::COLUMNS.len()).collect();
        if !columns.is_empty() {
            listed += &rows(&format!("`{}`", table.name), &columns);
        }
    }
    let after = format!("{head}tables:: -->\n{listed}<!-- end of columns -->{tail}");
    if env::var_os("LANDFALL_UPDATE").is_some() {
        fs::write(&page, after).unwrap();
    } else {
        assert_eq!(after, before, "run this test with LANDFALL_UPDATE=1");
    }
}
