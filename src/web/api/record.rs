//! Asking the record, with patience that ends: while it cannot answer, the board does.

use std::time::Duration;

use crate::{
    store::{Store, StoreError},
    web::Shared,
};

/// How long a visitor waits for the record.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What the record says; `None` when it cannot be asked, or not soon enough.
pub(super) async fn read<T>(
    shared: &Shared,
    ask: impl AsyncFnOnce(Store) -> Result<T, StoreError>,
) -> Option<T> {
    let store = shared.record()?;
    match tokio::time::timeout(PATIENCE, ask(store)).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the record could not be read; the answer comes from memory");
            None
        }
        Err(_) => {
            shared.note_stall();
            tracing::warn!(patience = ?PATIENCE, "the record is slow; the answer comes from memory");
            None
        }
    }
}
