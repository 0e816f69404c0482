//! Evidence about our own side that the judge takes into account with a check.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::judge::network_health::{Family, PeerPace, SharedSymptom};
use crate::{moment::Moment, outcome::Failure, report::WhyNot, verdict::SelfDoubt};

/// A failure counts when something else was answered between its beginning and this long after its
/// end.
///
/// Long enough for the canaries or another site to be asked, short enough that the end of a cut of
/// our own connection proves nothing about failures within it.
pub(super) const EVIDENCE_WITHIN: Duration = Duration::from_secs(8);

/// Evidence about our own side at a moment, on the route that a site is reached by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkEvidence {
    /// The moment when a machine answered last.
    pub answered_at: Option<Moment>,
    /// The moment when our name servers answered last.
    pub names_at: Option<Moment>,
    /// Reason for self-doubt, and since when.
    pub doubt: Option<(SelfDoubt, Moment)>,
    /// We have too much to do ourselves, or our line has: latencies tell nothing of the site.
    pub overloaded: bool,
    /// Evidence of other sites' pace about an answer that was late.
    #[serde(default, skip_serializing_if = "PeerPace::is_alone")]
    pub pace: PeerPace,
    /// Symptom behind the doubt, when something answers; `None`: silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<SharedSymptom>,
    /// The address family that does not work from here, and since when it may not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_family: Option<(Family, Moment)>,
    /// True if the failure may be our own side's doing though something answered: then another site
    /// has to be well beside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub weighed: bool,
    /// The moment when one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub well_at: Option<Moment>,
    /// Reason why the region has no vote, whatever it sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<WhyNot>,
}

impl NetworkEvidence {
    /// Trust: a failure at this moment is the site's own.
    pub fn at(at: Moment) -> Self {
        Self { answered_at: Some(at), names_at: Some(at), ..Self::default() }
    }

    /// Returns whether something was answered while a failure lasted or soon after.
    pub(super) fn covers(&self, failure: Failure, from: Moment, until: Moment) -> bool {
        let within = |at: Option<Moment>| at.is_some_and(|at| from <= at && at <= until);
        let answered = if failure == Failure::Dns { self.names_at } else { self.answered_at };
        let ours = self.weighed && !within(self.well_at);
        self.doubt.is_none() && within(answered) && !ours
    }

    /// Since when whatever turned bad with this failure (none: slow) did so by our own doing.
    pub(super) fn ours_since(&self, failure: Option<Failure>) -> Option<Moment> {
        let (why, since) = self.doubt?;
        let covered = match (self.symptom, why) {
            (Some(symptom), _) => symptom.covers(failure),
            (None, SelfDoubt::Names) => failure == Some(Failure::Dns),
            (None, _) => {
                use Failure::{Connect, Dns, Timeout};
                matches!(failure, Some(Connect | Dns | Timeout))
            }
        };
        covered.then_some(since)
    }
}
