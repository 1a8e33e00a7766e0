use jiff::SignedDuration;

use super::*;
use crate::{
    fixture::{at, observation, published},
    judging::Desk,
};

/// Views of a workload's edges under an agreement; `is_gone`: as they are judged without it.
fn views(agreement: &str, hosts: &[&str], is_gone: bool) -> Vec<View> {
    let mut published = (*published()).clone();
    let mut desk = Desk::new(SignedDuration::from_hours(24));
    for (seq, host) in (0..).zip(hosts) {
        desk.absorb(&published, observation("a", seq, host));
    }
    if is_gone {
        let mut ruleset = (*published.ruleset).clone();
        ruleset.agreements.clear();
        published.ruleset = Arc::new(ruleset);
    }
    let mut views = desk.judge(&published, at(1)).views;
    for view in &mut views {
        let id = &mut Arc::make_mut(&mut view.edge).id;
        agreement.clone_into(&mut Arc::make_mut(id).agreement.name);
    }
    views
}

/// Recipient, agreement, and the agreements beside it, of each edge about which there is news.
fn news(board: &Board) -> Vec<(String, String, Vec<String>)> {
    let changed = board.take_changed().into_iter();
    let news = changed.map(|Changed { edge, beside, .. }| {
        let beside = beside.into_iter().map(|agreement| agreement.name).collect();
        (edge.recipient.clone(), edge.agreement.name.clone(), beside)
    });
    news.collect()
}

fn row(recipient: &str, agreement: &str, beside: &[&str]) -> (String, String, Vec<String>) {
    (recipient.to_owned(), agreement.to_owned(), beside.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn every_edge_of_a_workload_says_which_other_agreements_judge_it() {
    let board = Board::default();
    board.post(views("a", &["api.twilio.com", "eu.api.openai.com"], false));
    assert_eq!(news(&board), [row("openai", "a", &[]), row("twilio", "a", &[])]);
    // One edge under another agreement is news to all of them, once.
    board.post(views("b", &["api.twilio.com"], false));
    assert_eq!(news(&board), [row("openai", "a", &["b"]), row("twilio", "a", &["b"]), row("twilio", "b", &["a"])]);
    board.post(views("b", &["eu.api.openai.com"], false));
    assert_eq!(news(&board), [row("openai", "b", &["a"])]);

    // What is gone has no say: neither the agreement nor its last edge.
    board.post(views("b", &["api.twilio.com", "eu.api.openai.com"], true));
    let gone = [row("openai", "b", &["a"]), row("twilio", "b", &["a"])];
    assert_eq!(news(&board), [&[row("openai", "a", &[]), row("twilio", "a", &[])], &gone[..]].concat());
    board.post(views("b", &["api.twilio.com"], false));
    assert_eq!(news(&board).len(), 3);
    let all = board.all();
    board.remove(all.iter().map(|view| view.edge.id.clone()).filter(|id| id.agreement.name == "b"));
    assert_eq!(news(&board), [&[row("openai", "a", &[]), row("twilio", "a", &[])], &gone[..]].concat());
}
