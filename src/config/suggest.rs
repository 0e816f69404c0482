//! "Did you mean": the known word nearest to one that is not known. Pure.

use crate::model::provider::{is_known, known_slugs};

/// What to say of an unknown key, given the known ones.
pub(super) fn unknown(key: &str, known: &[&str]) -> String {
    let lower = key.to_lowercase().replace('-', "_");
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&lower, word), *word))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4);
    match near {
        Some((_, word)) => format!("is not a key here; did you mean {word}?"),
        None => format!("is not a key here; use one of {}", known.join(", ")),
    }
}

/// The provider that is meant by a slug which is nearly that of one that we know.
pub(super) fn provider(slug: &str) -> Option<&'static str> {
    if is_known(slug) {
        return None;
    }
    // Two short words are near each other by chance.
    let near = |known: &&str| {
        known.len() > 4 && strsim::damerau_levenshtein(slug, known) <= 1 + known.len() / 10
    };
    known_slugs().find(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_the_slug_of_a_provider_is_seen_and_a_provider_of_ones_own_is_none() {
        for (slug, want) in [
            ("cloudfare", Some("cloudflare")),
            ("lets-encrypt", Some("letsencrypt")),
            ("fastly", None),
            ("dyn", None),
            ("dyno", None),
            ("my-cloud", None),
        ] {
            assert_eq!(provider(slug), want, "{slug}");
        }
    }

    #[test]
    fn the_nearest_word_is_meant_if_it_is_near() {
        let known = ["interval", "url", "slow_after"];
        for (key, want) in [
            ("intervall", "is not a key here; did you mean interval?"),
            ("slow-after", "is not a key here; did you mean slow_after?"),
            ("URL", "is not a key here; did you mean url?"),
            ("sloow_afer", "is not a key here; did you mean slow_after?"),
            ("colour", "is not a key here; use one of interval, url, slow_after"),
        ] {
            assert_eq!(unknown(key, &known), want);
        }
    }
}
