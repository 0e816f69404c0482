//! Lookups with looks of our own, on a paused clock.

mod answers;
mod crowds;
mod guard;
mod lab;
mod machines;
