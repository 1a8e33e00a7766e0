//! Every link between the project's pages leads somewhere; what is read of a page.

use std::{collections::BTreeMap, path::Path};

use landfall_tests::book::{Command, Link, Page};

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
        .filter(|name| Path::new(name).extension().is_some_and(|it| it == "md"))
        .filter(|name| name != "README.md" && !linked.contains(name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

const TEXT: &str = "# What: *it* is, `now`\n
Look with `kubectl get pods -n NAMESPACE`, see [there](other.md#x) and `spec.a`.\n
    kubectl get tr    # the worst first
    landfall verify LEDGER \\
      --head HEADS\n
1. This:\n
       kubectl get configmap NAME-reports -o jsonpath='{.data.D13}' -A\n
```
$ helm version
helm of the output
$ kubectl apply -f - <<'EOF'
kind: POD
EOF
```
## What: it is, now
";

#[test]
fn a_page_has_what_a_reader_types_and_where_links_lead() {
    let page = Page::parse(Path::new("a.md"), TEXT);
    let typed: Vec<_> = page.commands.iter().map(|it| (it.line, it.text.as_str())).collect();
    let expected = [
        (3, "kubectl get pods -n NAMESPACE"),
        (5, "kubectl get tr"),
        (6, "landfall verify LEDGER --head HEADS"),
        (11, "kubectl get configmap NAME-reports -o jsonpath='{.data.D13}' -A"),
        (14, "helm version"),
        (16, "kubectl apply -f - <<'EOF'\nkind: POD\nEOF"),
    ];
    assert_eq!(typed, expected);
    assert_eq!(page.links, [Link { line: 3, target: "other.md#x".to_owned() }]);
    assert_eq!(page.anchors, ["what-it-is-now", "what-it-is-now-1"].map(str::to_owned).into());
}

#[test]
fn placeholders_get_values_and_none_is_left_out() {
    let values = [("NAME", "lost".to_owned()), ("A_B", "x".to_owned()), ("ADDRESS-OF-A-POD", "192.0.2.1".to_owned())];
    let filled = |text: &str| Command { line: 1, text: text.to_owned() }.filled(&values.clone().into());
    assert_eq!(
        filled("get NAME-reports -A ADDRESS-OF-A-POD .D13 BR-FIRST"),
        Ok("get lost-reports -A 192.0.2.1 .D13 BR-FIRST".to_owned())
    );
    assert_eq!(filled("get NAME OTHER"), Err("OTHER".to_owned()));
    assert_eq!(filled("get NAMES xNAME aT2026"), Err("NAMES".to_owned()));
}
