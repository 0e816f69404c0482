//! A small table of address blocks, for operators who bring no file of their own. Pure.
//!
//! An excerpt written from memory on 2026-11-24, about as the owners' lists stood in 2024; it may
//! be wrong or out of date. Above each part is the address of the true list. Blocks that are
//! missing here are found by alias or header, or by the operator's own lists (`[judge]
//! provider_ranges`), which go first. It must never name a block that its owner also rents out
//! under another name (so the addresses of EC2, where Heroku and others live, are not in it).

use std::sync::LazyLock;

use super::ranges::Ranges;

/// Slug and blocks, below the address of the owner's list, from which they were not copied.
const BLOCKS: &[(&str, &str)] = &[
    // https://www.cloudflare.com/ips/
    (
        "cloudflare",
        "103.21.244.0/22 103.22.200.0/22 103.31.4.0/22 104.16.0.0/13 104.24.0.0/14 \
         108.162.192.0/18 131.0.72.0/22 141.101.64.0/18 162.158.0.0/15 172.64.0.0/13 \
         173.245.48.0/20 188.114.96.0/20 190.93.240.0/20 197.234.240.0/22 198.41.128.0/17 \
         2400:cb00::/32 2405:8100::/32 2405:b500::/32 2606:4700::/32 2803:f800::/32 \
         2a06:98c0::/29 2c0f:f248::/32",
    ),
    // https://api.fastly.com/public-ip-list
    (
        "fastly",
        "23.235.32.0/20 43.249.72.0/22 103.244.50.0/24 103.245.222.0/23 103.245.224.0/24 \
         104.156.80.0/20 140.248.64.0/18 140.248.128.0/17 146.75.0.0/17 151.101.0.0/16 \
         157.52.64.0/18 167.82.0.0/17 167.82.128.0/20 167.82.160.0/20 167.82.224.0/20 \
         172.111.64.0/18 185.31.16.0/22 199.27.72.0/21 199.232.0.0/16 2a04:4e40::/32 \
         2a04:4e42::/32",
    ),
    // https://ip-ranges.amazonaws.com/ip-ranges.json, CLOUDFRONT and S3
    (
        "aws",
        "13.32.0.0/15 13.35.0.0/16 13.224.0.0/14 13.249.0.0/16 18.64.0.0/14 18.154.0.0/15 \
         18.160.0.0/15 18.164.0.0/15 18.172.0.0/15 18.238.0.0/15 18.244.0.0/15 52.84.0.0/15 \
         52.216.0.0/15 52.222.128.0/17 54.182.0.0/16 54.192.0.0/16 54.230.0.0/17 54.231.0.0/16 \
         65.8.0.0/16 65.9.0.0/17 65.9.128.0/18 99.84.0.0/16 99.86.0.0/16 108.138.0.0/15 \
         108.156.0.0/14 143.204.0.0/16 205.251.192.0/19 216.137.32.0/19 2600:9000::/28",
    ),
    // https://api.github.com/meta
    (
        "github",
        "140.82.112.0/20 143.55.64.0/20 185.199.108.0/22 192.30.252.0/22 2606:50c0::/32 \
         2a0a:a440::/29",
    ),
    // https://www.gstatic.com/ipranges/goog.json
    (
        "google",
        "64.233.160.0/19 66.102.0.0/20 74.125.0.0/16 108.177.0.0/17 142.250.0.0/15 \
         172.217.0.0/16 172.253.0.0/16 173.194.0.0/16 192.178.0.0/15 209.85.128.0/17 \
         216.58.192.0/19 216.239.32.0/19 2001:4860::/32 2404:6800::/32 2607:f8b0::/32 \
         2a00:1450::/32",
    ),
    // https://www.microsoft.com/download/details.aspx?id=56519, AzureFrontDoor
    ("azure", "13.107.213.0/24 13.107.246.0/24 2620:1ec:bdf::/48 2620:1ec:46::/48"),
    // Networks that RIPE, ARIN and others list for the owner.
    (
        "akamai",
        "2.16.0.0/13 23.32.0.0/11 23.64.0.0/14 23.72.0.0/13 95.100.0.0/15 96.16.0.0/15 \
         104.64.0.0/10 184.24.0.0/13 184.84.0.0/14 2600:1400::/24 2a02:26f0::/29",
    ),
    (
        "meta",
        "31.13.24.0/21 31.13.64.0/18 66.220.144.0/20 69.171.224.0/19 157.240.0.0/16 \
         179.60.192.0/22 185.60.216.0/22 2a03:2880::/32",
    ),
    ("apple", "17.0.0.0/8 2620:149::/32"),
    ("vercel", "76.76.21.0/24"),
];

static RANGES: LazyLock<Ranges> = LazyLock::new(|| {
    let mut ranges = Ranges::default();
    for (slug, blocks) in BLOCKS {
        for block in blocks.split_whitespace() {
            ranges.add(slug, block);
        }
    }
    ranges
});

/// The table.
pub(super) fn ranges() -> &'static Ranges {
    &RANGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_of_the_table_can_be_read_and_is_of_a_provider_that_we_know() {
        let all: usize = BLOCKS.iter().map(|(_, blocks)| blocks.split_whitespace().count()).sum();
        assert_eq!(ranges().len(), all);
        for (slug, _) in BLOCKS {
            assert!(crate::provider::is_known(slug), "{slug}");
        }
        assert_eq!(ranges().of("151.101.1.164".parse().unwrap()), Some("fastly"));
    }
}
