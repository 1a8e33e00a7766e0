use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

use super::Budget;

/// How many of a kind must wait before others make room for them.
const MANY: usize = 16;

/// When thousands of objects say something worse at once, the API server is what all writers wait for. Then one kind
/// goes first, and the others keep to a trickle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Precedence(Arc<First>);

#[derive(Debug, Default)]
struct First {
    /// Whether anybody writes that kind; before it is listed nobody does.
    is_kept: AtomicBool,
    is_claimed: AtomicBool,
    announced: Notify,
}

/// Whose turn it is.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// This kind goes first.
    First(Precedence),
    /// While another goes first, no more than this.
    After(Precedence, Budget),
}

impl Precedence {
    /// There is news of the first kind, and so many are about to say something else: they are looked at now, and many
    /// are written before others.
    pub(crate) fn announce(&self, count: usize) {
        if count > MANY && self.0.is_kept.load(Ordering::Relaxed) {
            self.claim(true);
        }
        self.0.announced.notify_one();
    }

    /// Whether somebody goes first now.
    pub(crate) fn is_claimed(&self) -> bool {
        self.0.is_claimed.load(Ordering::Relaxed)
    }

    fn claim(&self, is_claimed: bool) {
        self.0.is_claimed.store(is_claimed, Ordering::Relaxed);
    }
}

impl Turn {
    /// So many of this kind could be written now.
    pub(super) fn could(&self, count: usize) {
        if let Self::First(precedence) = self {
            precedence.0.is_kept.store(true, Ordering::Relaxed);
            precedence.claim(count > MANY);
        }
    }

    /// Returns when this kind is to be looked at before it is time.
    pub(super) async fn announced(&self) {
        match self {
            Self::First(precedence) => precedence.0.announced.notified().await,
            Self::After(..) => std::future::pending().await,
        }
    }

    /// What may be written of substance, which is `usual` unless others go first.
    pub(super) fn budget<'a>(&'a mut self, usual: &'a mut Budget) -> &'a mut Budget {
        match self {
            Self::After(precedence, trickle) if precedence.is_claimed() => trickle,
            _ => usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn others_keep_to_a_trickle_while_many_of_the_first_wait() {
        let precedence = Precedence::default();
        let first = Turn::First(precedence.clone());
        let mut after = Turn::After(precedence.clone(), Budget::new(1, 2));
        let mut usual = Budget::new(1, 100);
        let now = Instant::now();
        let mut taken = |waiting| {
            first.could(waiting);
            (0..10).filter(|_| after.budget(&mut usual).take(now)).count()
        };
        assert_eq!([MANY, MANY + 1, MANY + 1, 0].map(&mut taken), [10, 2, 0, 10]);
    }

    #[tokio::test]
    async fn what_is_announced_goes_first_and_is_looked_at() {
        let precedence = Precedence::default();
        let first = Turn::First(precedence.clone());
        let mut claimed = |count| {
            precedence.announce(count);
            precedence.is_claimed()
        };
        // Nobody would ever write them.
        assert!(!claimed(MANY + 1));
        first.could(0);
        assert_eq!([MANY, MANY + 1].map(&mut claimed), [false, true]);
        first.announced().await;
    }
}
