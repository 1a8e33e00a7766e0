use jiff::SignedDuration;

use super::*;
use crate::{
    fixture::{at, edge_views, observation, published},
    judging::{Judge, View},
};

/// Views of a workload's edges under an agreement; `is_gone`: as they are judged without it.
fn views(agreement: &str, hosts: &[&str], is_gone: bool) -> Update {
    let mut published = (*published()).clone();
    let mut judge = Judge::new(SignedDuration::from_hours(24));
    for (seq, host) in (0..).zip(hosts) {
        judge.observe(&published, observation("a", seq, host));
    }
    if is_gone {
        let mut ruleset = (*published.ruleset).clone();
        ruleset.agreements.clear();
        published.ruleset = Arc::new(ruleset);
    }
    let mut views = edge_views(&judge.judge(&published, at(1)));
    for view in &mut views {
        let id = &mut Arc::make_mut(&mut view.edge).id;
        agreement.clone_into(&mut Arc::make_mut(id).agreement.name);
    }
    views.into_iter().map(|view| View::Edge(view, None)).collect()
}

/// Recipient, agreement and the other agreements of each changed edge.
fn news(views: &Views) -> Vec<(String, String, Vec<String>)> {
    let changed = views.take_changed().into_iter();
    let news = changed.map(|ChangedEdge { edge, other_agreements, .. }| {
        let other_agreements = other_agreements.into_iter().map(|agreement| agreement.name).collect();
        (edge.recipient.clone(), edge.agreement.name.clone(), other_agreements)
    });
    news.collect()
}

fn row(recipient: &str, agreement: &str, other_agreements: &[&str]) -> (String, String, Vec<String>) {
    (recipient.to_owned(), agreement.to_owned(), other_agreements.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn every_edge_of_a_workload_says_which_other_agreements_judge_it() {
    let shown = Views::default();
    shown.publish(views("a", &["api.twilio.com", "eu.api.openai.com"], false));
    assert_eq!(news(&shown), [row("openai", "a", &[]), row("twilio", "a", &[])]);
    // An edge under another agreement changes all of them, once.
    shown.publish(views("b", &["api.twilio.com"], false));
    assert_eq!(news(&shown), [row("openai", "a", &["b"]), row("twilio", "a", &["b"]), row("twilio", "b", &["a"])]);
    shown.publish(views("b", &["eu.api.openai.com"], false));
    assert_eq!(news(&shown), [row("openai", "b", &["a"])]);

    // A deleted agreement or a forgotten edge no longer counts.
    shown.publish(views("b", &["api.twilio.com", "eu.api.openai.com"], true));
    let gone = [row("openai", "b", &["a"]), row("twilio", "b", &["a"])];
    assert_eq!(news(&shown), [&[row("openai", "a", &[]), row("twilio", "a", &[])], &gone[..]].concat());
    shown.publish(views("b", &["api.twilio.com"], false));
    assert_eq!(news(&shown).len(), 3);
    let all = shown.edges();
    let ids = all.iter().map(|view| view.edge.id.clone()).filter(|id| id.agreement.name == "b");
    shown.publish(ids.map(View::EdgeForgotten).collect());
    assert_eq!(news(&shown), [&[row("openai", "a", &[]), row("twilio", "a", &[])], &gone[..]].concat());
}

#[test]
fn dropped_transitions_are_counted_and_the_rest_is_kept() {
    let shown = Views::default();
    let update = views("a", &["api.twilio.com"], false);
    let edge = update.edges.keys().next().unwrap().clone();
    let transition =
        Transition { edge, before: None, after: landfall_transfer_law::Outcome::Unknown, is_personal: true };
    let mut many = Update { transitions: vec![transition; TRANSITIONS + 3], ..Update::default() };
    let updates = shown.subscribe();
    shown.publish(std::mem::take(&mut many));
    let (taken, dropped) = shown.take_transitions();
    assert_eq!((taken.len(), dropped, updates.has_changed().unwrap()), (TRANSITIONS, 3, true));
    assert_eq!(shown.take_transitions(), Default::default());
}
