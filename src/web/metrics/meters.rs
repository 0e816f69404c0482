//! Meters that other rooms hang up: figures that this room can show without knowing what they are.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use super::text::Text;

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// Reads a figure; `None` when there is none any more.
type Read = Box<dyn Fn() -> Option<f64> + Send + Sync>;

struct Meter {
    name: &'static str,
    kind: Kind,
    help: &'static str,
    read: Read,
}

/// The meters, in the order in which they were hung up.
#[derive(Default)]
pub struct Meters {
    all: RwLock<Vec<Meter>>,
}

impl Meters {
    /// Hangs up a meter. `name` must be of no other figure; `read` must be quick and never wait.
    pub fn add(
        &self,
        name: &'static str,
        kind: Kind,
        help: &'static str,
        read: impl Fn() -> Option<f64> + Send + Sync + 'static,
    ) {
        let meter = Meter { name, kind, help, read: Box::new(read) };
        self.all.write().unwrap_or_else(PoisonError::into_inner).push(meter);
    }

    pub(super) fn write(&self, to: &mut Text) -> fmt::Result {
        for meter in self.all.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let Some(value) = (meter.read)() else { continue };
            let kind = match meter.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
            };
            to.family(meter.name, kind, meter.help)?;
            to.value(meter.name, &[], value)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_list().entries(all.iter().map(|meter| meter.name)).finish()
    }
}
