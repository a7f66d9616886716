//! Work on many things at once, with answers in order.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Calls `work` for every item from several threads, each with a state of its own, and returns the
/// results in the order of the items. The calling thread works too, so a system that grants no
/// thread only makes it slower.
pub(super) fn map<T: Sync, S, R: Send>(
    items: &[T],
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> Vec<R> {
    if threads < 2 || items.len() < 2 {
        let mut state = state();
        return items.iter().map(|item| work(&mut state, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let take = || {
        let mut state = state();
        let mut own = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            own.push((index, work(&mut state, item)));
        }
        // A thread that panicked elsewhere has not touched the list.
        done.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            let _not_granted = thread::Builder::new().spawn_scoped(scope, take);
        }
        take();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_each_item_once() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in [0, 1, 2, 8, 2000] {
            let results = map(&items, threads, || (), |(), item| item * 2);
            assert!(results.iter().enumerate().all(|(index, result)| index * 2 == *result));
            assert_eq!(results.len(), items.len());
        }
        assert_eq!(map(&[0_u8; 0], 4, || (), |(), item| *item), [0_u8; 0]);
    }
}
