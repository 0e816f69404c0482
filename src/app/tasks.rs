//! Lifetimes and threads of tasks.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use anyhow::{Result, bail};
use futures_util::FutureExt;
use tokio::{
    runtime::Builder,
    sync::oneshot,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// The pause before a part that panicked is started anew…
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// …which doubles up to this while the panics go on.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Runs a part, and starts it anew when it panics: that costs the part for a moment, and not the
/// service. What must not go on after a panic, since it would judge from half a memory, is not run so.
pub(super) async fn anew<F: Future>(
    part: &'static str,
    stop: &CancellationToken,
    mut start: impl FnMut() -> F,
) -> F::Output {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        // None of its state is used again: it is made anew.
        let panic = match AssertUnwindSafe(start()).catch_unwind().await {
            Ok(done) => return done,
            Err(panic) => panic,
        };
        tracing::error!(part, panic = words(&*panic), "a part panicked; it is started anew");
        if begun.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        tokio::select! { () = sleep(pause) => {}, () = stop.cancelled() => {} }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no words)")
}

/// Runs the scheduler on a thread and a runtime of its own: probes wake no other thread, which is a
/// third of their cost, and busy pages do not make a site look slow.
pub(super) async fn run_on_own_thread(checker: impl Future<Output = ()> + Send + 'static) {
    let (ended, end) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new().name("checker".to_owned()).spawn(move || {
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(checker),
            Err(error) => tracing::error!(%error, "the checker has no runtime"),
        }
        drop(ended);
    });
    match thread {
        // The other end is dropped when the thread ends, however it ends.
        Ok(_) => drop(end.await),
        Err(error) => tracing::error!(%error, "the checker has no thread"),
    }
}

/// A task that is cancelled by the stop, and has failed when it ends before.
pub(super) fn cancel_on(
    stop: &CancellationToken,
    task: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = Result<()>> + Send + 'static {
    let cut = stop.clone();
    fail_if_early(stop, async move {
        tokio::select! { () = task => {}, () = cut.cancelled() => {} }
    })
}

/// A task that ends by itself at the stop, and has failed when it ends before.
pub(super) fn fail_if_early(
    stop: &CancellationToken,
    task: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = Result<()>> + Send + 'static {
    let stop = stop.clone();
    async move {
        task.await;
        if !stop.is_cancelled() {
            bail!("it ended by itself");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_part_that_panics_is_started_anew_with_growing_pauses_and_its_end_is_an_end() {
        let (stop, tries) = (CancellationToken::new(), AtomicU32::new(0));
        let begun = Instant::now();
        let done = anew("test", &stop, async || {
            let number = tries.fetch_add(1, Ordering::SeqCst);
            assert!(number >= 8, "this one breaks");
            number
        });
        assert_eq!(done.await, 8);
        // 1, 2, 4, 8, 16, 32, and twice a minute.
        assert_eq!(begun.elapsed().as_secs(), 63 + 120);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_the_pause_of_a_part_when_all_end() {
        let (stop, tries) = (CancellationToken::new(), AtomicU32::new(0));
        stop.cancel();
        let begun = Instant::now();
        anew("test", &stop, async || {
            assert!(tries.fetch_add(1, Ordering::SeqCst) > 0, "this one breaks");
        })
        .await;
        assert!(begun.elapsed().is_zero());
    }
}
