//! Lookups with faked probes, on a paused clock.

mod answers;
mod crowds;
mod guard;
mod lab;
mod machines;
