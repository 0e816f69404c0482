//! Limits on what all lookups together may do to one machine, whatever names lead there: so many
//! connections a minute to an address (or a /64 of IPv6), and some more to its /24 (or /48). Pure
//! but for its lock.
//!
//! The owner of a name chooses its addresses, and may have any number of names: a limit by name
//! does not protect the machine at the other end.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use super::rate_limit::RateLimiter;
use model::network::masked;
use prober::{clock::Clock, probe::Gate};

/// Connections a minute to one address. A host of many sites has several, and an answer serves all
/// who ask for half a minute.
const PER_ADDRESS: u32 = 60;
/// The same for the block that it is in.
const PER_BLOCK: u32 = 4 * PER_ADDRESS;
/// Addresses that are remembered at most, the oldest forgotten first: all that the lookups under
/// way can reach in the minute that a quota takes to fill up again.
const MAX_ADDRESSES: usize = 16_384;

/// The machines that lookups lead to.
#[derive(Debug)]
pub(super) struct Machines {
    clock: Clock,
    each: Mutex<RateLimiter<IpAddr>>,
    blocks: Mutex<RateLimiter<IpAddr>>,
}

impl Machines {
    pub(super) fn new(clock: Clock) -> Self {
        let each = Mutex::new(RateLimiter::new(PER_ADDRESS, MAX_ADDRESSES));
        Self { clock, each, blocks: Mutex::new(RateLimiter::new(PER_BLOCK, MAX_ADDRESSES)) }
    }
}

/// The gate of lookups: what all of them together may do to one machine.
pub fn gate(clock: Clock) -> Arc<dyn Gate> {
    Arc::new(Machines::new(clock))
}

impl Gate for Machines {
    fn may_connect(&self, address: IpAddr) -> bool {
        let now = self.clock.now();
        let take = |limiter: &Mutex<RateLimiter<IpAddr>>, key| {
            limiter.lock().unwrap_or_else(PoisonError::into_inner).take(key, now).is_ok()
        };
        take(&self.each, masked(address, 32, 64)) && take(&self.blocks, masked(address, 24, 48))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use model::moment::Moment;

    #[tokio::test(start_paused = true)]
    async fn an_address_and_its_block_take_so_many_connections_a_minute() {
        let machines = Machines::new(Clock::starting_at(Moment::from_millis(0)));
        let passed = |address: &str, tries: u32| {
            let address: IpAddr = address.parse().unwrap();
            (0..tries).filter(|_| machines.may_connect(address)).count() as u32
        };
        assert_eq!(passed("192.0.2.1", 12_000), PER_ADDRESS);
        assert_eq!(passed("::ffff:192.0.2.1", 10), 0);
        let rest: u32 = (2..=255).map(|last| passed(&format!("192.0.2.{last}"), 100)).sum();
        assert_eq!(rest, PER_BLOCK - PER_ADDRESS);
        assert_eq!(passed("192.0.3.1", 10), 10);
        assert_eq!(passed("2001:db8:1:2::1", 30) + passed("2001:db8:1:2::2", 100), PER_ADDRESS);
        let all: u32 = (0..200).map(|n| passed(&format!("2001:db8:1:{n:x}::1"), 100)).sum();
        assert_eq!(all, PER_BLOCK - PER_ADDRESS);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(passed("192.0.2.1", 100), PER_ADDRESS / 6);
    }
}
