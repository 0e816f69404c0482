//! The store on a real Postgres: once each whatever is sent again, and read back as it was.

#[cfg(test)]
mod again;
#[cfg(test)]
mod agents;
#[cfg(test)]
mod archive;
#[cfg(test)]
mod clock_set_back;
#[cfg(test)]
mod events;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod lease;
#[cfg(test)]
mod messages;
#[cfg(test)]
#[expect(dead_code, reason = "the drills of the program use all of it")]
#[path = "../support/pair.rs"]
mod pair;
#[cfg(test)]
mod queries;
#[cfg(test)]
mod rate;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod rollups;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod shared_files;
#[cfg(test)]
mod support;
#[cfg(test)]
#[path = "../support/until.rs"]
mod until;
#[cfg(test)]
mod uptime;
#[cfg(test)]
mod withdrawn;
#[cfg(test)]
mod words;
