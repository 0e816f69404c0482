//! How long a task may live, and on what thread.

use anyhow::{Result, bail};
use tokio::{runtime::Builder, sync::oneshot};
use tokio_util::sync::CancellationToken;

/// Runs the checker on a thread and a runtime of its own: probes wake no other thread, which is a
/// third of their cost, and pages, however busy, do not make a site look slow.
pub(super) async fn on_its_own_thread(checker: impl Future<Output = ()> + Send + 'static) {
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

/// A task that may be cut short when everybody is told to end, and has failed when it ends before.
pub(super) fn cut_by(
    stop: &CancellationToken,
    task: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = Result<()>> + Send + 'static {
    let cut = stop.clone();
    only_until(stop, async move {
        tokio::select! { () = task => {}, () = cut.cancelled() => {} }
    })
}

/// A task that is over when it is told to end, and has failed when it ends before.
pub(super) fn only_until(
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
