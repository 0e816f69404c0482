//! Every failure class, every phase and every guard, from real servers on loopback.

mod authority;
mod bodies;
mod connections;
mod crowd;
mod guard;
mod lab;
mod names;
mod phases;
mod protocol;
mod redirects;
mod times;
mod tls;
mod versions;
mod walls;
