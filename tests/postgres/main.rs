//! The private Postgres, for real: made, adopted, killed, refused, and run under every roof.

#[cfg(test)]
mod disks;
#[cfg(test)]
mod life;
#[cfg(test)]
mod roofs;
#[cfg(test)]
mod support;
#[cfg(test)]
#[path = "../support/until.rs"]
mod until;
