//! What can be an argument of a sentence.

use std::borrow::Cow;

use ipnet::IpNet;
use jiff::{Timestamp, civil::Date};
use landfall_observation::{Jurisdiction, JurisdictionSet, TlsVersion};

use super::{Asks, InstrumentEnd, Place};
use crate::{CategoryList, Rung};

/// The type of an argument.
pub(super) trait Argument {
    /// The owned type.
    type Static: 'static;

    /// Converts it into the owned type.
    fn to_static(&self) -> Self::Static;
}

macro_rules! owned {
    ($($type:ty),*) => {
        $(impl Argument for $type {
            type Static = Self;

            fn to_static(&self) -> Self {
                *self
            }
        })*
    };
}

owned!(bool, u8, u16, u32, u64, usize, Timestamp, Date, IpNet, Jurisdiction, JurisdictionSet, TlsVersion);
owned!(Asks, InstrumentEnd, Place, Rung);

impl<T: ToOwned<Owned: 'static> + ?Sized + 'static> Argument for Cow<'_, T> {
    type Static = Cow<'static, T>;

    fn to_static(&self) -> Self::Static {
        Cow::Owned(self.clone().into_owned())
    }
}

impl<T: Argument> Argument for Option<T> {
    type Static = Option<T::Static>;

    fn to_static(&self) -> Self::Static {
        self.as_ref().map(T::to_static)
    }
}

impl<T: Argument> Argument for Vec<T> {
    type Static = Vec<T::Static>;

    fn to_static(&self) -> Self::Static {
        self.iter().map(T::to_static).collect()
    }
}

impl Argument for CategoryList<'_> {
    type Static = CategoryList<'static>;

    fn to_static(&self) -> Self::Static {
        CategoryList::List(self.iter().cloned().collect())
    }
}
