//! Counts of sites that fell, with a provider and elsewhere, and what they prove. Pure.

use super::{kind::TroubleKind, known::ProviderLayer};

/// Sites that fell, of all sites, with a provider and elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AffectedCounts {
    pub(super) fell: usize,
    pub(super) of: usize,
    pub(super) elsewhere: usize,
    pub(super) elsewhere_of: usize,
    /// Of the sites that fell elsewhere, those with a known provider of their own.
    pub(super) others: usize,
    /// Of the sites that fell elsewhere, those with the same symptom.
    pub(super) alike: usize,
    /// Sites elsewhere whose fall may be the provider's own doing: they do not count against it.
    pub(super) perhaps: usize,
}

impl AffectedCounts {
    /// Returns whether the share that fell is at least `times` that elsewhere.
    pub(super) fn stand_out(&self, times: usize) -> bool {
        self.elsewhere_of > self.elsewhere
            && self.elsewhere_of >= 2
            && self.fell * self.elsewhere_of >= times * self.elsewhere * self.of
    }

    /// Returns whether that it stood out is true still. One site elsewhere is no evidence against
    /// it, nor is that there are none.
    pub(super) fn still_stand_out(&self, layer: ProviderLayer, kind: TroubleKind) -> bool {
        let spared = Self { elsewhere: self.elsewhere.saturating_sub(1), ..*self };
        self.elsewhere_of < 2 || spared.stand_out(2) && self.explain(layer, kind, false)
    }

    /// Returns whether nothing but this provider is needed to explain what fell. `strict`: at
    /// naming.
    pub(super) fn explain(&self, layer: ProviderLayer, kind: TroubleKind, strict: bool) -> bool {
        let cloud = layer == ProviderLayer::Cloud;
        let behind = cloud || matches!(kind, TroubleKind::Names | TroubleKind::Certificate);
        match (behind, strict) {
            (true, true) if cloud => self.others * 2 <= self.fell && self.are_most(kind),
            (true, true) => self.others * 2 <= self.fell,
            (true, false) => self.others <= self.fell,
            (false, true) => {
                self.elsewhere * 4 <= self.fell
                    || self.fell * 3 >= self.of
                        && (self.elsewhere == 1
                            || self.elsewhere * 2 <= self.fell && self.alike * 4 <= self.fell)
            }
            (false, false) => self.elsewhere <= 1 || self.elsewhere * 2 <= self.fell,
        }
    }

    /// Returns whether the cloud's own are most of what fell, or by far the most where half of its sites fell or fewer.
    /// Of the CDNs' sites no more may have fallen than of its own: else it is the CDN that they are behind.
    fn are_most(&self, kind: TroubleKind) -> bool {
        let part = kind == TroubleKind::Servers && self.fell * 2 <= self.of;
        let elsewhere = self.elsewhere * if part { 2 } else { 1 };
        self.perhaps <= self.fell && elsewhere <= self.fell
    }
}
