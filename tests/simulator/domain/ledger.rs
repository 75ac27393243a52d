//! A bounded register of what the domain has issued.

use std::collections::{HashMap, VecDeque};

/// Things by the secret text they were issued as, at most `limit` of them:
/// the oldest is forgotten for a new one, so that a simulator that runs for
/// weeks does not grow.
#[derive(Debug)]
pub(crate) struct Ledger<T> {
    limit: usize,
    entries: HashMap<String, T>,
    // The keys in order of issue.
    order: VecDeque<String>,
}

impl<T> Ledger<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    pub(crate) fn insert(&mut self, key: String, entry: T) {
        if self.order.len() == self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, entry);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.entries.get_mut(key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.order.iter().filter_map(|key| self.entries.get(key))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.values_mut()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
    }
}
