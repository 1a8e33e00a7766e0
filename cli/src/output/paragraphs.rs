use std::marker::PhantomData;

use serde::Serialize;

use super::{Screen, Table};

/// A result that people read as text.
pub(crate) trait Paragraph: Serialize {
    fn paragraph(&self) -> String;
}

/// Texts, separated by empty lines.
pub(crate) struct Paragraphs<R> {
    texts: Vec<String>,
    row: PhantomData<R>,
}

impl<R> Default for Paragraphs<R> {
    fn default() -> Self {
        Self { texts: Vec::new(), row: PhantomData }
    }
}

impl<R: Paragraph> Table for Paragraphs<R> {
    type Row<'a> = R;

    fn push(&mut self, row: &R) {
        self.texts.push(row.paragraph());
    }

    fn render(&self, _screen: Screen) -> String {
        self.texts.join("\n\n")
    }
}
