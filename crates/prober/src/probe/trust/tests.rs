//! Fetched certificates that are remembered, and verified chains: one that is not exactly what was
//! verified is never taken from memory.

use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring::default_provider;
use time::OffsetDateTime;

use super::*;

/// Moment, in seconds, from which the certificates of these tests are valid.
const START: u64 = 1_790_000_000;
const MINUTE: u64 = 60;
const NAME: &str = "a.example";

#[test]
fn an_address_without_a_certificate_is_left_alone_for_minutes() {
    let trust = Trust::new(Roots::default(), Arc::new(default_provider()));
    let at = |n: usize| Url::parse(&format!("http://ca.example/{n}.crt")).unwrap();
    let now = Instant::now();
    trust.note_in_vain(&at(0), now);
    let soon = now + RETRY_FETCH_AFTER - Duration::from_secs(1);
    assert!(trust.is_in_vain(&at(0), soon) && !trust.is_in_vain(&at(1), soon));
    assert!(!trust.is_in_vain(&at(0), now + RETRY_FETCH_AFTER));
    for n in 1..=MAX_FAILURES {
        trust.note_in_vain(&at(n), now);
    }
    assert!(!trust.is_in_vain(&at(0), soon), "it holds no more than its bound");
}

fn second(after: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(START + after))
}

/// A certificate of this subject, valid from the start for so many minutes.
fn params(subject: &str, minutes: u64, is_ca: bool) -> CertificateParams {
    let names = if is_ca { vec![] } else { vec![NAME.to_owned(), "b.example".to_owned()] };
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, subject);
    let at = |second: u64| OffsetDateTime::from_unix_timestamp(second as i64).unwrap();
    (params.not_before, params.not_after) = (at(START), at(START + minutes * MINUTE));
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

/// A chain of three below a root: the server's own certificate first.
struct Chain {
    root: CertificateDer<'static>,
    sent: Vec<CertificateDer<'static>>,
}

impl Chain {
    /// The certificates are valid for so many minutes each; the root for a day.
    fn new(leaf: u64, lower: u64, upper: u64) -> Self {
        let key = || KeyPair::generate().unwrap();
        let (root_key, root_params) = (key(), params("root", 24 * 60, true));
        let root = root_params.self_signed(&root_key).unwrap().der().clone();
        let mut issuer = Issuer::new(root_params, root_key);
        let mut sent = Vec::new();
        for (name, minutes) in [("upper", upper), ("lower", lower)] {
            let (own_key, own) = (key(), params(name, minutes, true));
            sent.insert(0, own.signed_by(&own_key, &issuer).unwrap().der().clone());
            issuer = Issuer::new(own, own_key);
        }
        let leaf = params("leaf", leaf, false).signed_by(&key(), &issuer).unwrap();
        sent.insert(0, leaf.der().clone());
        Self { root, sent }
    }

    fn trust(&self) -> Trust {
        let mut roots = Roots::default();
        roots.add(self.root.clone()).unwrap();
        Trust::new(roots, Arc::new(default_provider()))
    }

    /// A trust that has verified this chain at this second.
    fn verified_at(&self, second_after: u64) -> Trust {
        let trust = self.trust();
        let now = second(second_after);
        assert!(!remembers(&trust, &self.sent, NAME, now));
        check(&trust, &self.sent, NAME, now).unwrap();
        trust
    }
}

fn check(
    trust: &Trust,
    chain: &[CertificateDer<'_>],
    name: &str,
    now: UnixTime,
) -> Result<(), Error> {
    let (leaf, sent) = chain.split_first().unwrap();
    trust.check(leaf, sent, &Name::Usual(&ServerName::try_from(name).unwrap()), now)
}

fn remembers(trust: &Trust, chain: &[CertificateDer<'_>], name: &str, now: UnixTime) -> bool {
    let (leaf, sent) = chain.split_first().unwrap();
    let name = ServerName::try_from(name).unwrap();
    trust.verified.get(&ChainKey::new(leaf, sent, &Name::Usual(&name)), now).is_some()
}

#[test]
fn a_chain_to_a_root_that_has_ended_has_expired_and_one_to_another_root_has_not() {
    let end = 24 * 60 * MINUTE;
    // The certificates below the root are valid for longer than the root.
    let (chain, other) = (Chain::new(3_000, 3_000, 3_000), Chain::new(3_000, 3_000, 3_000));
    let trust = chain.verified_at(end - 10);
    assert!(remembers(&trust, &chain.sent, NAME, second(end)));
    check(&trust, &chain.sent, NAME, second(end)).unwrap();
    assert!(!remembers(&trust, &chain.sent, NAME, second(end + 1)));
    let expired = Error::InvalidCertificate(CertificateError::Expired);
    let checked = check(&trust, &chain.sent, NAME, second(end + 1));
    assert_eq!(checked, Err(expired));
    let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert_eq!(check(&trust, &other.sent, NAME, second(end + 1)), Err(unknown));
    // A clock that was wrong and is right again.
    check(&trust, &chain.sent, NAME, second(end - 5)).unwrap();
    let mut roots = Roots::default();
    roots.add(chain.root.clone()).unwrap();
    let mut renewed = params("root", 48 * 60, true);
    renewed.not_after = OffsetDateTime::from_unix_timestamp((START + 2 * end) as i64).unwrap();
    let renewed = renewed.self_signed(&KeyPair::generate().unwrap()).unwrap();
    roots.add(renewed.der().clone()).unwrap();
    assert_eq!(roots.valid(second(0)).len(), 2);
    assert_eq!(roots.valid(second(end + 1)).len(), 1);
    assert_eq!(roots.valid_until(second(end + 1)), second(2 * end));
}

#[test]
fn a_chain_is_remembered_for_an_hour_and_then_verified_anew() {
    let chain = Chain::new(600, 600, 600);
    let trust = chain.verified_at(10);
    for (after, want) in [(10, true), (10 + 3_600, true), (10 + 3_601, false), (10, false)] {
        assert_eq!(remembers(&trust, &chain.sent, NAME, second(after)), want, "{after}");
    }
    check(&trust, &chain.sent, NAME, second(10 + 3_601)).unwrap();
    assert!(remembers(&trust, &chain.sent, NAME, second(10 + 3_601)));
}

#[test]
fn a_chain_is_forgotten_when_the_first_of_its_certificates_ends() {
    use CertificateError::ExpiredContext;
    for minutes in [[30, 600, 600], [600, 30, 600], [600, 600, 30]] {
        let [leaf, lower, upper] = minutes;
        let chain = Chain::new(leaf, lower, upper);
        let trust = chain.verified_at(0);
        let end = 30 * MINUTE;
        check(&trust, &chain.sent, NAME, second(end)).unwrap();
        assert!(remembers(&trust, &chain.sent, NAME, second(end)));
        let late = check(&trust, &chain.sent, NAME, second(end + 1));
        let expired = matches!(late, Err(Error::InvalidCertificate(ExpiredContext { .. })));
        assert!(expired, "{minutes:?}: {late:?}");
    }
}

#[test]
fn a_chain_is_not_known_before_it_was_verified_where_the_clock_goes_back() {
    let chain = Chain::new(600, 600, 600);
    let trust = chain.verified_at(500);
    assert!(!remembers(&trust, &chain.sent, NAME, second(499)));
    let too_early = UnixTime::since_unix_epoch(Duration::from_secs(START - 1));
    let trust = chain.verified_at(500);
    assert!(check(&trust, &chain.sent, NAME, too_early).is_err(), "it was not valid yet");
}

#[test]
fn a_chain_is_known_for_its_name_alone_and_by_its_own_roots_alone() {
    let chain = Chain::new(600, 600, 600);
    let trust = chain.verified_at(0);
    let now = second(1);
    for name in ["b.example", "c.example", "10.0.0.1"] {
        assert!(!remembers(&trust, &chain.sent, name, now), "{name}");
        assert_eq!(check(&trust, &chain.sent, name, now).is_ok(), name == "b.example");
    }
    let (leaf, sent) = chain.sent.split_first().unwrap();
    assert_eq!(trust.verified.get(&ChainKey::new(leaf, sent, &Name::Odd(NAME)), now), None);
    let other = Chain::new(600, 600, 600).trust();
    assert!(check(&other, &chain.sent, NAME, now).is_err(), "other roots");
}

#[test]
fn a_chain_that_was_completed_or_refused_or_that_cannot_be_read_is_not_remembered() {
    let chain = Chain::new(600, 600, 600);
    let now = second(1);
    let trust = chain.trust();
    // Something that is no certificate does not spoil a chain.
    let mut odd = chain.sent.clone();
    odd.push(CertificateDer::from(vec![0x30, 0]));
    let verified = check(&trust, &odd, NAME, now);
    assert!(!remembers(&trust, &odd, NAME, now), "{verified:?}");
    let gap = [&chain.sent[..1], &chain.sent[2..]].concat();
    assert!(check(&trust, &gap, NAME, now).is_err());
    assert!(!remembers(&trust, &gap, NAME, now));
}

/// Changes of what a server sends.
#[derive(Clone, Debug)]
enum Tampering {
    Flip { certificate: usize, byte: usize, bit: u8 },
    Cut { certificate: usize, bytes: usize },
    Swap(usize, usize),
    Drop(usize),
    Repeat(usize),
    Move { from: usize, bytes: usize },
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let (any, of) = (any::<usize>, 0..3_usize);
    prop_oneof![
        4 => (of.clone(), any(), 0..8_u8)
            .prop_map(|(certificate, byte, bit)| Tampering::Flip { certificate, byte, bit }),
        1 => (of.clone(), 1..400_usize)
            .prop_map(|(certificate, bytes)| Tampering::Cut { certificate, bytes }),
        1 => (of.clone(), 0..3_usize).prop_map(|(one, other)| Tampering::Swap(one, other)),
        1 => of.clone().prop_map(Tampering::Drop),
        1 => of.clone().prop_map(Tampering::Repeat),
        1 => (0..2_usize, 1..400_usize).prop_map(|(from, bytes)| Tampering::Move { from, bytes }),
    ]
}

fn tampered(chain: &[CertificateDer<'_>], how: &Tampering) -> Vec<CertificateDer<'static>> {
    let mut all: Vec<Vec<u8>> = chain.iter().map(|certificate| certificate.to_vec()).collect();
    match *how {
        Tampering::Flip { certificate, byte, bit } => {
            let place = byte % all[certificate].len().max(1);
            if let Some(byte) = all[certificate].get_mut(place) {
                *byte ^= 1 << bit;
            }
        }
        Tampering::Cut { certificate, bytes } => {
            let left = all[certificate].len().saturating_sub(bytes);
            all[certificate].truncate(left);
        }
        Tampering::Swap(one, other) => all.swap(one, other),
        Tampering::Drop(certificate) => drop(all.remove(certificate)),
        Tampering::Repeat(certificate) => all.push(all[certificate].clone()),
        // The same bytes in a row, cut into certificates elsewhere.
        Tampering::Move { from, bytes } => {
            let at = all[from].len().saturating_sub(bytes);
            let moved = all[from].split_off(at);
            all[from + 1].splice(0..0, moved);
        }
    }
    all.into_iter().map(CertificateDer::from).collect()
}

proptest! {
    #[test]
    fn a_chain_that_was_tampered_with_is_never_taken_from_memory(
        changes in prop::collection::vec(tampering(), 1..3),
    ) {
        let chain = Chain::new(600, 600, 600);
        let (trust, now) = (chain.verified_at(0), second(1));
        let sent = changes.iter().fold(chain.sent.clone(), |sent, how| {
            if sent.len() < 3 { sent } else { tampered(&sent, how) }
        });
        prop_assume!(sent != chain.sent);
        prop_assert!(!remembers(&trust, &sent, NAME, now));
        // It is judged as by someone who has never seen the true one.
        let fresh = check(&chain.trust(), &sent, NAME, now);
        let told = check(&trust, &sent, NAME, now);
        // Some errors are never equal to themselves.
        prop_assert_eq!(format!("{told:?}"), format!("{fresh:?}"));
        prop_assert!(remembers(&trust, &chain.sent, NAME, now));
    }

    #[test]
    fn what_is_remembered_is_what_would_be_verified_at_any_time(
        minutes in prop::array::uniform3(1..90_u64),
        verified in 0..5_400_u64,
        asked in 0..7_200_u64,
    ) {
        let [leaf, lower, upper] = minutes;
        let chain = Chain::new(leaf, lower, upper);
        let trust = chain.trust();
        let first = check(&trust, &chain.sent, NAME, second(verified));
        let valid = |at: u64| at <= MINUTE * leaf.min(lower).min(upper);
        prop_assert_eq!(first.is_ok(), valid(verified));
        prop_assert_eq!(check(&trust, &chain.sent, NAME, second(asked)).is_ok(), valid(asked));
    }
}
