//! At which captured interface an address sends: asked by others, answered by the capture with each tick.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Questions and answers about addresses, shared by the capture and those who ask.
#[derive(Debug, Clone, Default)]
pub struct Sightings(Arc<Mutex<Asked>>);

#[derive(Debug, Default)]
struct Asked {
    is_open: bool,
    /// Addresses, and the interface at which a packet from each came in last.
    addresses: BTreeMap<IpAddr, Option<u32>>,
}

impl Sightings {
    /// Asks about these addresses and no others; known answers are kept.
    pub fn ask(&self, addresses: impl IntoIterator<Item = IpAddr>) {
        let mut asked = self.asked();
        let known = std::mem::take(&mut asked.addresses);
        let kept = |address: IpAddr| known.get(&address).copied().flatten();
        asked.addresses = addresses.into_iter().map(|address| (address, kept(address))).collect();
        asked.is_open = !asked.addresses.is_empty();
    }

    /// The interface at which a packet from an address came in last, as far as it was asked about and has been seen.
    pub fn interface(&self, address: IpAddr) -> Option<u32> {
        self.asked().addresses.get(&address).copied().flatten()
    }

    /// Answers a question that was not answered yet.
    pub(crate) fn answer(&self, seen: impl Fn(IpAddr) -> Option<u32>) {
        let mut asked = self.asked();
        if std::mem::take(&mut asked.is_open) {
            asked.addresses.iter_mut().for_each(|(address, interface)| *interface = seen(*address));
        }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_once_and_what_is_known_is_kept() {
        let (sightings, a, b) = (Sightings::default(), [192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        sightings.answer(|_| panic!("nothing was asked"));
        sightings.ask([a]);
        assert_eq!(sightings.interface(a), None);
        sightings.answer(|_| Some(7));
        sightings.answer(|_| panic!("it was answered"));
        sightings.ask([a, b]);
        assert_eq!((sightings.interface(a), sightings.interface(b)), (Some(7), None));
        sightings.answer(|address| (address == b).then_some(8));
        assert_eq!((sightings.interface(a), sightings.interface(b)), (None, Some(8)));
    }
}
