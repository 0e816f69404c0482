//! One mistyped line must not remove the board: a catalogue that drops many sites at once is
//! refused, unless the exact number is confirmed. Pure.

use std::collections::HashSet;

use model::name::Slug;

/// As many sites may always go at once.
const ALWAYS_ALLOWED: usize = 2;

/// Largest share of the sites that may go at once: one in this many.
const MAX_SHARE: usize = 10;

/// The number of removed sites that are named.
const MAX_NAMED: usize = 5;

/// A change that would remove too many sites at once. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this would remove {removed} of {of} sites ({names}{more}){unlike}, so nothing was changed; \
     if it is meant, confirm it: stillup sites apply --confirm-removals {removed}",
    names = first(.slugs),
    more = more(.slugs.len()),
    unlike = unlike(*.confirmed),
    removed = .slugs.len()
)]
pub struct RefusedRemoval {
    /// The sites that would go.
    pub slugs: Vec<Slug>,
    /// The number of sites now.
    pub of: usize,
    /// The number that was confirmed, which was another.
    pub confirmed: Option<usize>,
}

/// The sites of the old list that are not in the new one, in the old order.
pub fn removed<'a>(
    old: impl IntoIterator<Item = &'a Slug>,
    new: impl IntoIterator<Item = &'a Slug>,
) -> Vec<Slug> {
    let new: HashSet<&Slug> = new.into_iter().collect();
    old.into_iter().filter(|slug| !new.contains(slug)).cloned().collect()
}

/// Checks that the new list may replace the old one.
///
/// # Errors
/// Fails if more than a tenth of the sites and more than two would go, and `confirmed` is not exactly
/// their number.
pub fn accept<'a>(
    old: impl IntoIterator<Item = &'a Slug>,
    new: impl IntoIterator<Item = &'a Slug>,
    confirmed: Option<usize>,
) -> Result<(), RefusedRemoval> {
    let old: Vec<&Slug> = old.into_iter().collect();
    let of = old.len();
    let slugs = removed(old, new);
    let many = slugs.len() > ALWAYS_ALLOWED && slugs.len() * MAX_SHARE > of;
    if !many || confirmed == Some(slugs.len()) {
        return Ok(());
    }
    Err(RefusedRemoval { slugs, of, confirmed })
}

fn first(slugs: &[Slug]) -> String {
    slugs.iter().take(MAX_NAMED).map(Slug::as_str).collect::<Vec<_>>().join(", ")
}

fn more(removed: usize) -> String {
    removed
        .checked_sub(MAX_NAMED)
        .filter(|n| *n > 0)
        .map_or_else(String::new, |n| format!(" and {n} more"))
}

fn unlike(confirmed: Option<usize>) -> String {
    confirmed.map_or_else(String::new, |n| format!(", not the {n} that were confirmed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slugs(numbers: impl IntoIterator<Item = usize>) -> Vec<Slug> {
        numbers.into_iter().map(|n| Slug::new(&format!("s{n}.nl")).unwrap()).collect()
    }

    #[test]
    fn the_refusal_says_how_many_which_and_what_to_type() {
        let (old, new) = (slugs(0..20), slugs(7..20));
        assert_eq!(
            accept(&old, &new, None).unwrap_err().to_string(),
            "this would remove 7 of 20 sites (s0.nl, s1.nl, s2.nl, s3.nl, s4.nl and 2 more), so \
             nothing was changed; if it is meant, confirm it: \
             stillup sites apply --confirm-removals 7"
        );
        assert_eq!(
            accept(&old, &slugs(3..20), Some(2)).unwrap_err().to_string(),
            "this would remove 3 of 20 sites (s0.nl, s1.nl, s2.nl), not the 2 that were \
             confirmed, so nothing was changed; if it is meant, confirm it: \
             stillup sites apply --confirm-removals 3"
        );
    }

    #[test]
    fn two_may_always_go_and_a_tenth_too() {
        for (old, gone, fits) in [
            (2, 2, true),
            (3, 3, false),
            (30, 3, true),
            (29, 3, false),
            (1000, 100, true),
            (0, 0, true),
        ] {
            let verdict = accept(&slugs(0..old), &slugs(gone..old), None);
            assert_eq!(verdict.is_ok(), fits, "{gone} of {old}");
        }
    }

    proptest! {
        #[test]
        fn only_the_exact_number_confirms(
            old in proptest::collection::btree_set(0_usize..60, 0..50),
            new in proptest::collection::btree_set(0_usize..60, 0..50),
            said in 0_usize..60,
        ) {
            let gone = old.difference(&new).count();
            let many = gone > 2 && gone * 10 > old.len();
            let (before, after) = (slugs(old.iter().copied()), slugs(new.iter().copied()));
            prop_assert_eq!(removed(&before, &after), slugs(old.difference(&new).copied()));
            prop_assert_eq!(accept(&before, &after, None).is_err(), many);
            prop_assert_eq!(accept(&before, &after, Some(gone)), Ok(()));
            prop_assert_eq!(accept(&before, &after, Some(said)).is_err(), many && said != gone);
        }

        #[test]
        fn what_is_added_or_moved_is_never_refused(count in 0_usize..40, more in 0_usize..40) {
            let (old, mut new) = (slugs(0..count), slugs(0..count + more));
            new.reverse();
            prop_assert_eq!(accept(&old, &new, None), Ok(()));
        }
    }
}
