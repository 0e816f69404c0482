//! Simulated time: a sleeper is woken as soon as no other work is left.
//!
//! The waits of a check in a story are known in advance: the delays of a site, and our own time
//! limits. So ten seconds of silence cost nothing, whatever the speed of the story.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A simulated time, which begins at zero.
#[derive(Clone, Debug, Default)]
pub(super) struct SimulatedTime(Arc<Mutex<SimulatedTimeState>>);

#[derive(Debug, Default)]
struct SimulatedTimeState {
    now: Duration,
    alarms: BTreeSet<Duration>,
}

impl SimulatedTime {
    /// Waits this long, from now on.
    pub(super) fn sleep(&self, long: Duration) -> impl Future<Output = ()> + Send {
        let until = self.lock().now.saturating_add(long);
        poll_fn(move |_| {
            let mut inner = self.lock();
            if inner.now >= until {
                return Poll::Ready(());
            }
            inner.alarms.insert(until);
            Poll::Pending
        })
    }

    /// Runs this to its end; returns its result and duration. `None` when it waits for anything
    /// outside this time.
    pub(super) fn run<F: Future>(&self, work: F) -> Option<(F::Output, Duration)> {
        let mut work = pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
                return Some((done, self.lock().now));
            }
            let mut inner = self.lock();
            inner.now = inner.alarms.pop_first()?.max(inner.now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, SimulatedTimeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[test]
    fn what_waits_is_done_at_once_in_its_order() {
        let time = SimulatedTime::default();
        let seconds = Duration::from_secs;
        let work = async {
            tokio::select! {
                () = time.sleep(seconds(20)) => "late",
                () = async {
                    time.sleep(seconds(3)).await;
                    time.sleep(seconds(4)).await;
                } => "early",
            }
        };
        assert_eq!(time.run(work), Some(("early", seconds(7))));
        assert_eq!(SimulatedTime::default().run(pending::<()>()), None);
    }
}
