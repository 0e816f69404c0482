//! Symptoms of a site's fall, and their likeness among several sites. Pure.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    failure_detail::{FailureDetail, Phase},
    outcome::{Cause, Failure},
    verdict::Status,
};

/// Symptom of a site's fall, as far as it shows whose failure it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureSymptom {
    /// Its name could not be resolved: a matter of its DNS operator, never of its servers.
    Names,
    /// Its certificate is not trusted any more: a matter of who issued it, never of who serves.
    Certificate,
    /// A CDN says that it cannot reach the site's servers (520 to 530): not the CDN's failure.
    Origin,
    /// It answers with this HTTP status, which is not good.
    Status(u16),
    /// It fails otherwise.
    Failure(Failure),
    /// It is slow.
    Slow,
}

/// Statuses by which a CDN reports that it cannot reach the servers behind it.
const ORIGIN_STATUSES: std::ops::RangeInclusive<u16> = 520..=530;

impl FailureSymptom {
    /// Symptom of a site with this verdict; `None` when it did not fall, or the symptom is unknown.
    pub fn of(status: Status, cause: Option<&Cause>) -> Option<Self> {
        let cause = match status {
            Status::Up | Status::Unknown => return None,
            Status::Slow => return Some(Self::Slow),
            Status::Down | Status::Partial => cause?,
        };
        // Where a redirect led is another name, which others answer for.
        let (detail, host) = cause.detail.place();
        Some(match cause.failure {
            Failure::Dns if host.is_some() => Self::Failure(Failure::Redirect),
            Failure::Dns => Self::Names,
            Failure::Tls if host.is_none() && detail.is_of_authority() => Self::Certificate,
            Failure::Http => match detail.status() {
                Some(status) if ORIGIN_STATUSES.contains(&status) => Self::Origin,
                Some(status) => Self::Status(status),
                None => Self::Failure(Failure::Http),
            },
            failure => Self::Failure(failure),
        })
    }

    /// Returns whether it is the matter of the same one: of who runs the names, of who issued the
    /// certificate, or of who serves the site.
    pub(super) fn is_as_that_of(self, other: Self) -> bool {
        let of_others = |symptom| matches!(symptom, Self::Names | Self::Certificate);
        self == other || !of_others(self) && !of_others(other)
    }

    fn is_error(self) -> bool {
        matches!(self, Self::Status(500..=599))
    }

    fn is_unreachable(self) -> bool {
        use Failure::{Connect, Protocol, Reset, Timeout, Tls};
        matches!(self, Self::Failure(Connect | Timeout | Reset | Tls | Protocol))
    }

    /// Returns whether servers that are broken or cannot be reached show it.
    pub(super) fn is_of_broken_servers(self) -> bool {
        self.is_error() || self.is_unreachable()
    }

    /// Returns whether it may be the failure of who serves the site.
    pub(super) fn is_of_servers(self) -> bool {
        matches!(self, Self::Status(_) | Self::Failure(_))
    }
}

/// Returns whether the machine that the site's name leads to took the connection, as far as is known: a CDN
/// does so whatever is behind it.
pub(super) fn is_of_a_server_reached(cause: &Cause) -> bool {
    let (detail, host) = cause.detail.place();
    let before_the_request = match detail {
        FailureDetail::TimedOut { phase, .. } | FailureDetail::ConnectionClosed { phase } => {
            matches!(phase, Phase::Dns | Phase::Connect | Phase::Tls)
        }
        FailureDetail::ConnectionUnanswered => true,
        _ => matches!(cause.failure, Failure::Dns | Failure::Connect | Failure::Tls),
    };
    host.is_some() || !before_the_request
}

/// Symptom that sites that fell together have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub enum Alike {
    /// Their names could not be resolved.
    Names,
    /// Their certificates are not trusted any more.
    Certificate,
    /// One HTTP status.
    Status(u16),
    /// One kind of failure.
    Failure(Failure),
    /// Errors of servers, of several kinds.
    Errors,
    /// No connection, no answer, or a broken one.
    Unreachable,
    /// Several of these.
    Failing,
    /// They are slow.
    Slow,
    /// Some of them are down, the others slow.
    Trouble,
}

impl Alike {
    /// Likeness of a single symptom.
    pub(super) fn exactly(symptom: FailureSymptom) -> Self {
        match symptom {
            FailureSymptom::Names => Self::Names,
            FailureSymptom::Certificate => Self::Certificate,
            FailureSymptom::Origin => Self::Failing,
            FailureSymptom::Status(status) => Self::Status(status),
            FailureSymptom::Failure(failure) => Self::Failure(failure),
            FailureSymptom::Slow => Self::Slow,
        }
    }

    /// The narrowest that holds all of these.
    pub(super) fn of(symptoms: &[FailureSymptom]) -> Self {
        let all = |test: fn(FailureSymptom) -> bool| symptoms.iter().all(|symptom| test(*symptom));
        match symptoms {
            [first, rest @ ..] if rest.iter().all(|other| other == first) => Self::exactly(*first),
            _ if all(FailureSymptom::is_error) => Self::Errors,
            _ if all(FailureSymptom::is_unreachable) => Self::Unreachable,
            _ if all(|symptom| symptom != FailureSymptom::Slow) => Self::Failing,
            _ => Self::Trouble,
        }
    }

    /// Returns whether a site with this symptom has it in common.
    pub(super) fn holds(self, symptom: FailureSymptom) -> bool {
        match self {
            Self::Errors => symptom.is_error(),
            Self::Unreachable => symptom.is_unreachable(),
            Self::Failing => symptom.is_of_servers() || symptom == FailureSymptom::Origin,
            Self::Trouble => {
                symptom.is_of_servers()
                    || matches!(symptom, FailureSymptom::Origin | FailureSymptom::Slow)
            }
            exact => exact == Self::exactly(symptom),
        }
    }

    /// Wider likeness, once one cause is known: a server in trouble fails in more than one way.
    pub(super) fn widened(self) -> Self {
        match self {
            Self::Status(500..=599) | Self::Errors => Self::Errors,
            Self::Failure(failure) if FailureSymptom::Failure(failure).is_unreachable() => {
                Self::Unreachable
            }
            other => other,
        }
    }

    /// Upper bound on how often in a year a site falls like this on its own; the base rate for
    /// telling a common cause from chance.
    pub(super) fn falls_a_year(self) -> f64 {
        match self {
            Self::Certificate => 6.0,
            Self::Names | Self::Status(_) | Self::Failure(_) => 12.0,
            Self::Errors | Self::Unreachable => 25.0,
            Self::Failing | Self::Slow => 50.0,
            Self::Trouble => 80.0,
        }
    }
}

impl fmt::Display for Alike {
    /// Name in the API and in the record.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Names => to.write_str("dns"),
            Self::Certificate => to.write_str("certificate"),
            Self::Status(status) => write!(to, "http_{status}"),
            Self::Failure(failure) => to.write_str(failure.word()),
            Self::Errors => to.write_str("errors"),
            Self::Unreachable => to.write_str("unreachable"),
            Self::Failing => to.write_str("failing"),
            Self::Slow => to.write_str("slow"),
            Self::Trouble => to.write_str("trouble"),
        }
    }
}

impl From<Alike> for String {
    fn from(alike: Alike) -> Self {
        alike.to_string()
    }
}

impl TryFrom<Cow<'_, str>> for Alike {
    type Error = &'static str;

    fn try_from(word: Cow<'_, str>) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl std::str::FromStr for Alike {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let words = [
            Self::Names,
            Self::Certificate,
            Self::Errors,
            Self::Unreachable,
            Self::Failing,
            Self::Slow,
            Self::Trouble,
        ];
        let known = words.into_iter().find(|alike| alike.to_string() == word);
        let status = || word.strip_prefix("http_")?.parse().ok().map(Self::Status);
        let failure = || Failure::ALL.into_iter().find(|f| f.word() == word).map(Self::Failure);
        known.or_else(status).or_else(failure).ok_or("not what sites have in common")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_a_site_fell_is_read_from_its_verdict() {
        use FailureDetail as D;
        let elsewhere =
            |detail: D| D::Elsewhere { host: "x.example".into(), detail: detail.into() };
        let (tls, http) = (Failure::Tls, Failure::Http);
        let expired = D::CertificateExpired { at: None, within_a_day: false };
        let unknown = D::CertificateUnknownAuthority { authority: "Old Authority".into() };
        let wrong_name = D::CertificateWrongName { names: [].into(), more: 0 };
        let cases = [
            (Status::Down, Failure::Dns, D::NoSuchName, Some(FailureSymptom::Names)),
            (
                Status::Down,
                Failure::Dns,
                elsewhere(D::NoSuchName),
                Some(FailureSymptom::Failure(Failure::Redirect)),
            ),
            (Status::Partial, http, D::http_status(503), Some(FailureSymptom::Status(503))),
            (Status::Down, http, elsewhere(D::http_status(500)), Some(FailureSymptom::Status(500))),
            (Status::Down, http, D::Maintenance, Some(FailureSymptom::Status(503))),
            (Status::Down, http, D::CloudflareOrigin { status: 522 }, Some(FailureSymptom::Origin)),
            (Status::Down, http, D::http_status(530), Some(FailureSymptom::Origin)),
            (Status::Down, http, D::http_status(519), Some(FailureSymptom::Status(519))),
            (Status::Down, http, D::Unspecified, Some(FailureSymptom::Failure(Failure::Http))),
            (Status::Down, tls, expired.clone(), Some(FailureSymptom::Certificate)),
            (Status::Down, tls, elsewhere(expired), Some(FailureSymptom::Failure(tls))),
            (Status::Down, tls, unknown, Some(FailureSymptom::Certificate)),
            (Status::Down, tls, D::CertificateRevoked, Some(FailureSymptom::Certificate)),
            (Status::Down, tls, wrong_name, Some(FailureSymptom::Failure(tls))),
            (Status::Down, tls, D::CertificateIssuerNotSent, Some(FailureSymptom::Failure(tls))),
            (Status::Down, tls, D::CertificateSelfSigned, Some(FailureSymptom::Failure(tls))),
            (Status::Slow, http, D::Unspecified, Some(FailureSymptom::Slow)),
            (Status::Up, http, D::http_status(503), None),
            (Status::Unknown, http, D::http_status(503), None),
        ];
        for (status, failure, detail, want) in cases {
            let cause = Cause::new(failure, detail);
            assert_eq!(FailureSymptom::of(status, Some(&cause)), want, "{status:?} {cause:?}");
        }
        assert_eq!(FailureSymptom::of(Status::Down, None), None);
    }

    #[test]
    fn what_sites_have_in_common_is_the_narrowest_that_holds_all() {
        use FailureSymptom::{Failure as F, Origin, Slow, Status as S};
        let cases: [(&[FailureSymptom], Alike); 8] = [
            (&[S(503), S(503)], Alike::Status(503)),
            (&[S(503), S(500)], Alike::Errors),
            (&[F(Failure::Timeout), F(Failure::Connect)], Alike::Unreachable),
            (&[F(Failure::Timeout), S(502)], Alike::Failing),
            (&[S(404), S(502)], Alike::Failing),
            (&[Origin, F(Failure::Connect)], Alike::Failing),
            (&[Slow, Slow], Alike::Slow),
            (&[Slow, S(503)], Alike::Trouble),
        ];
        for (symptoms, want) in cases {
            assert_eq!(Alike::of(symptoms), want);
            assert!(symptoms.iter().all(|symptom| want.holds(*symptom)), "{want}");
        }
    }

    #[test]
    fn its_word_is_read_back() {
        for alike in [
            Alike::Names,
            Alike::Certificate,
            Alike::Status(503),
            Alike::Failure(Failure::Timeout),
            Alike::Errors,
            Alike::Unreachable,
            Alike::Failing,
            Alike::Slow,
            Alike::Trouble,
        ] {
            let json = serde_json::to_string(&alike).unwrap();
            assert_eq!(serde_json::from_str::<Alike>(&json).unwrap(), alike, "{json}");
        }
        assert!("http_".parse::<Alike>().is_err() && "gone".parse::<Alike>().is_err());
    }
}
