//! `stillup sites proposals`: sites that visitors look up often, as entries of a catalogue.

use anyhow::Result;

use super::archive::Open;
use crate::{
    clock::Clock,
    config::{Catalogue, Config},
    model::{crowd::Proposal, naming, target::Target},
};

/// What is proposed and not in the catalogue, as text to be pasted into it; the most wanted first.
///
/// # Errors
/// When the record cannot be reached or read.
pub async fn proposals(config: &Config) -> Result<String> {
    let open = Open::new(config).await?;
    let proposed = open.store.proposals(Clock::system().now()).await;
    open.close().await?;
    let mut proposed = proposed?;
    // Without a catalogue that can be read, everything is new.
    let catalogue = config.catalogue().ok();
    let sites = || catalogue.iter().flat_map(Catalogue::sites).map(|site| &**site);
    proposed.retain(|proposal| naming::named(sites(), &proposal.key).is_none());
    proposed.sort_by(|a, b| b.visitors.cmp(&a.visitors).then_with(|| a.key.cmp(&b.key)));
    Ok(as_catalogue(&proposed, config.lookup.allow_private))
}

/// Entries of a catalogue, `private` where visitors may look at private addresses. A key is a host,
/// perhaps with scheme and port: nothing to be escaped.
pub(super) fn as_catalogue(proposals: &[Proposal], private: bool) -> String {
    let private = if private { "private = true\n" } else { "" };
    let entry = |proposal: &Proposal| {
        let url = Target::read(&proposal.key).ok()?.url;
        Some(format!(
            "# {} visitors in an hour, last on {}\n[[site]]\nurl = \"{url}\"\n{private}",
            proposal.visitors,
            proposal.last_at.to_utc().date()
        ))
    };
    proposals.iter().filter_map(entry).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::moment::Moment;

    #[test]
    fn proposals_are_entries_of_a_catalogue() {
        let at = Moment::parse("2026-11-24T12:00:00Z").unwrap();
        let proposed = [("a.example", 40), ("b.example:80", 20)].map(|(key, visitors)| Proposal {
            key: key.to_owned(),
            first_at: at,
            last_at: at,
            visitors,
        });
        assert_eq!(
            as_catalogue(&proposed, false),
            "# 40 visitors in an hour, last on 2026-11-24\n[[site]]\nurl = \"https://a.example/\"\n\
             \n# 20 visitors in an hour, last on 2026-11-24\n[[site]]\nurl = \"http://b.example/\"\n"
        );
        assert!(as_catalogue(&proposed, true).ends_with("/\"\nprivate = true\n"));
    }
}
