//! The codes of a judgment, written as they are serialized.

use std::fmt;

use serde::Serialize as _;

use crate::{MissingCode, NoteCode, ReasonCode};

macro_rules! written_as_serialized {
    ($($type:ty),*) => {
        $(impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        })*
    };
}

written_as_serialized!(ReasonCode, MissingCode, NoteCode);
