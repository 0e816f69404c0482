//! Lookups with faked probes, on a paused clock.

mod answers;
mod elsewhere;
mod crowds;
mod guard;
mod lab;
mod machines;
