//! Every link between the project's pages leads somewhere.

use std::{collections::BTreeMap, path::Path};

use landfall_tests::book::Page;

use crate::support::root;

/// Links of a page that lead nowhere in the checkout; `pages` are all, by their paths.
fn broken(page: &Page, pages: &BTreeMap<&Path, &Page>) -> Vec<String> {
    let is_elsewhere = |target: &str| target.contains("://") || target.starts_with("mailto:");
    let leads = |target: &str| {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let file = if file.is_empty() { page.file.clone() } else { page.file.with_file_name(file) };
        let Ok(there) = root().join(&file).canonicalize() else { return false };
        let below = there.strip_prefix(root().canonicalize().unwrap()).map(Path::to_owned).unwrap_or_default();
        anchor.is_empty() || pages.get(below.as_path()).is_some_and(|page| page.anchors.contains(anchor))
    };
    let broken = page.links.iter().filter(|link| !is_elsewhere(&link.target) && !leads(&link.target));
    broken.map(|link| format!("{}:{}: {}", page.file.display(), link.line, link.target)).collect()
}

#[test]
fn every_link_and_anchor_of_the_pages_leads_somewhere() {
    let pages = Page::all(".").unwrap();
    assert!(pages.len() > 100 && pages.iter().map(|page| page.links.len()).sum::<usize>() > 300);
    let by_path: BTreeMap<_, _> = pages.iter().map(|page| (page.file.as_path(), page)).collect();
    let found: Vec<_> = pages.iter().flat_map(|page| broken(page, &by_path)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let text = "# One\n[a](#one) [b](#two) [c](alerts.md#alerts)\n[d](nowhere.md) [e](../README.md#landfall) ![f](https://example.org/x)";
    let page = Page::parse(Path::new("docs/page.md"), text);
    let others = ["docs/alerts.md", "README.md"].map(|file| Page::read(Path::new(file)).unwrap());
    let pages = others.iter().map(|page| (page.file.as_path(), page)).collect();
    // The page itself is no file: its own anchors are not known either.
    assert_eq!(broken(&page, &pages), ["docs/page.md:2: #one", "docs/page.md:2: #two", "docs/page.md:3: nowhere.md"]);
}

/// Whoever reads the index finds every page.
#[test]
fn the_index_names_every_page() {
    let index = Page::read(Path::new("docs/README.md")).unwrap();
    let linked: Vec<_> = index.links.iter().map(|link| link.target.split('#').next().unwrap().to_owned()).collect();
    let pages = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let missing: Vec<_> = pages
        .map(|name| name.into_string().unwrap())
        .filter(|name| name.ends_with(".md") && name != "README.md" && !linked.contains(name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
