//! The sites that a person's words are about: by slug, tag or provider. Pure.

use std::collections::HashSet;

use crate::{name::Slug, site::Site};

/// The sites that planned work or a notice is about. With nothing named it is about every site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Sites by their slugs; one that has left the catalogue may stay here.
    pub sites: Vec<Slug>,
    /// Sites with any of these tags.
    pub tags: Vec<Box<str>>,
    /// Sites that any of these providers serves.
    pub providers: Vec<Box<str>>,
}

impl Scope {
    /// True if nothing is named.
    pub fn is_everything(&self) -> bool {
        self.sites.is_empty() && self.tags.is_empty() && self.providers.is_empty()
    }

    /// Returns whether it is about this site, which this provider serves, as far as is known.
    pub fn is_about(&self, site: &Site, provider: Option<&str>) -> bool {
        self.is_everything()
            || self.sites.contains(&site.slug)
            || site.tags.iter().any(|tag| self.tags.contains(tag))
            || provider.is_some_and(|slug| self.providers.iter().any(|named| **named == *slug))
    }

    /// The slugs and tags of it that none of these sites has, such as mistyped ones. The provider of a site
    /// may become known later.
    #[must_use]
    pub fn unknown<'s>(&self, sites: impl Iterator<Item = &'s Site>) -> Self {
        if self.sites.is_empty() && self.tags.is_empty() {
            return Self::default();
        }
        let (mut slugs, mut tags) = (HashSet::new(), HashSet::new());
        for site in sites {
            slugs.insert(&site.slug);
            tags.extend(&site.tags);
        }
        let sites = self.sites.iter().filter(|slug| !slugs.contains(slug)).cloned().collect();
        let tags = self.tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
        Self { sites, tags, providers: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_in_it_by_slug_by_tag_or_by_provider_and_always_when_nothing_is_named() {
        let slug = |text: &str| Slug::new(text).unwrap();
        let mut site = Site::new(slug("a.example"), "https://a.example/".parse().unwrap());
        site.tags = vec!["shop".into()];
        let scope = |sites: &[&str], tags: &[&str], providers: &[&str]| Scope {
            sites: sites.iter().map(|text| slug(text)).collect(),
            tags: tags.iter().map(|tag| Box::from(*tag)).collect(),
            providers: providers.iter().map(|name| Box::from(*name)).collect(),
        };
        for (scope, want) in [
            (scope(&[], &[], &[]), true),
            (scope(&["a.example"], &[], &[]), true),
            (scope(&["b.example"], &[], &[]), false),
            (scope(&["b.example"], &["shop"], &[]), true),
            (scope(&[], &["work"], &["aws"]), true),
            (scope(&[], &["work"], &["fastly"]), false),
        ] {
            assert_eq!(scope.is_about(&site, Some("aws")), want, "{scope:?}");
        }
        assert!(!scope(&[], &[], &["aws"]).is_about(&site, None));
        for (named, want) in [
            (scope(&[], &[], &[]), scope(&[], &[], &[])),
            (scope(&["a.example"], &["shop"], &["nobody"]), scope(&[], &[], &[])),
            (
                scope(&["a.example", "b.example"], &["shpo"], &[]),
                scope(&["b.example"], &["shpo"], &[]),
            ),
        ] {
            assert_eq!(named.unknown([&site].into_iter()), want);
        }
    }
}
