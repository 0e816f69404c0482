//! The loop on a paused clock: who is looked at when.
