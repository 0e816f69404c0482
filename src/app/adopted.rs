//! Sites that were taken into the catalogue because visitors look them up often.
//!
//! They stand in `adopted.toml` in the data directory, written as a catalogue is, and are watched
//! after those of the catalogue itself: a bounded number, none unless the operator says how many. A
//! site that is in the catalogue too is the catalogue's.

use std::{collections::HashSet, fs, path::PathBuf, sync::Arc};

use anyhow::{Context, Result};

use super::proposals;
use crate::{
    config::{Catalogue, Defaults, Lookup},
    lookup::Lookups,
    model::{
        crowd::Proposal,
        name::Slug,
        naming,
        site::{Site, Sites},
        target::Target,
    },
};

/// The sites that were adopted.
#[derive(Debug)]
pub(super) struct Adopted {
    path: PathBuf,
    defaults: Defaults,
    /// So many at most.
    most: usize,
    /// Whether they may be private, as all that visitors may look up.
    private: bool,
}

impl Adopted {
    pub(super) fn new(path: PathBuf, defaults: Defaults, rules: &Lookup) -> Self {
        Self { path, defaults, most: rules.adopt as usize, private: rules.allow_private }
    }

    /// The sites of a catalogue, and those that were adopted beside them.
    pub(super) fn beside(&self, catalogue: &Catalogue) -> Sites {
        let own = catalogue.sites();
        let mut sites = own.to_vec();
        for site in self.sites().into_iter().take(self.most) {
            let watched = naming::named(own.iter().map(|own| &**own), site.url.as_str()).is_some();
            if !watched && own.iter().all(|own| own.slug != site.slug) {
                sites.push(site);
            }
        }
        sites.into()
    }

    /// Adopts what is looked up often, was found up, and still has room; gives whether there is
    /// anything new.
    ///
    /// # Errors
    /// When the file cannot be read, or not be written.
    pub(super) fn adopt(&self, lookups: &Lookups) -> Result<bool> {
        if self.most == 0 {
            return Ok(false);
        }
        let proposals = lookups.proposals().into_iter().filter(|(_, up)| *up);
        let proposals: Vec<Proposal> = proposals.map(|(proposal, _)| proposal).collect();
        if proposals.is_empty() {
            return Ok(false);
        }
        let known = self.sites();
        let mut slugs: HashSet<Slug> = known.iter().map(|known| known.slug.clone()).collect();
        let room = self.most.saturating_sub(known.len());
        // One site of each slug: over http and over https is one.
        let new = |proposal: &Proposal| {
            Target::read(&proposal.key).is_ok_and(|target| slugs.insert(target.slug))
        };
        let new: Vec<Proposal> = proposals.into_iter().filter(new).take(room).collect();
        if new.is_empty() {
            return Ok(false);
        }
        let mut text = fs::read_to_string(&self.path).unwrap_or_else(|_| {
            "# Adopted because visitors look them up often. Remove what is not wanted.\n".to_owned()
        });
        text.push('\n');
        text += &proposals::as_catalogue(&new, self.private);
        let draft = self.path.with_extension("draft");
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, &self.path));
        written.with_context(|| format!("{} cannot be written", self.path.display()))?;
        for proposal in &new {
            tracing::info!(site = proposal.key, "adopted: visitors look it up often");
        }
        Ok(true)
    }

    fn sites(&self) -> Vec<Arc<Site>> {
        if self.most == 0 || !self.path.exists() {
            return Vec::new();
        }
        match Catalogue::load(&self.path, &self.defaults) {
            Ok(adopted) => adopted.sites().to_vec(),
            Err(problems) => {
                for problem in problems.iter().take(3) {
                    tracing::warn!("adopted sites are left out: {problem}");
                }
                Vec::new()
            }
        }
    }
}
