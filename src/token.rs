//! Tokens: `sua_<id>_<secret>` of agents, `sut_…` of operators. The id is no secret and names the token
//! in lists; only the SHA-256 of the whole is kept.

use std::fmt::Write;

use ring::rand::{SecureRandom, SystemRandom};
use sha2::{Digest, Sha256};

use model::site_request::Secret;

/// The holder of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An agent, which reports checks.
    Agent,
    /// An operator or a program of theirs, which writes over the API.
    Operator,
}

impl TokenKind {
    /// Prefix of its tokens, by which scanners find a leaked one.
    fn prefix(self) -> &'static str {
        match self {
            Self::Agent => "sua",
            Self::Operator => "sut",
        }
    }
}

/// Bytes of the id and of the secret.
const ID: usize = 4;
const SECRET: usize = 32;
/// Letters that a text needs at least, and has at most, to be a token of whatever version.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=256;

/// A token; its text is shown only by [`Self::expose`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    id: Box<str>,
    whole: Secret,
}

impl Token {
    /// A new token.
    ///
    /// # Errors
    /// Fails when the system has no random numbers.
    pub fn generate(kind: TokenKind) -> Result<Self, ring::error::Unspecified> {
        let mut random = [0; ID + SECRET];
        SystemRandom::new().fill(&mut random)?;
        let (id, secret) = random.split_at(ID);
        let id = hex(id);
        let whole = format!("{}_{id}_{}", kind.prefix(), hex(secret));
        Ok(Self { id: id.into(), whole: whole.into() })
    }

    /// Reads a token; `None` when the text is none of this kind.
    pub fn read(kind: TokenKind, text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(kind.prefix())?.strip_prefix('_')?.split_once('_')?;
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let is_one = LENGTH.contains(&text.len()) && plain(id) && plain(secret);
        is_one.then(|| Self { id: id.into(), whole: text.to_owned().into() })
    }

    /// The part of it that is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// All of it: for the one who prints or sends it.
    pub fn expose(&self) -> &str {
        self.whole.expose()
    }

    /// Hash of the token, which is all that is kept. Comparing hashes in variable time is safe: the
    /// position of a difference reveals nothing about a token.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to memory cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_made_and_never_printed_by_mistake() {
        let (one, other) = (
            Token::generate(TokenKind::Agent).unwrap(),
            Token::generate(TokenKind::Agent).unwrap(),
        );
        assert_ne!(one, other);
        let read = Token::read(TokenKind::Agent, one.expose()).unwrap();
        assert_eq!(Token::read(TokenKind::Operator, one.expose()), None);
        assert_eq!((read.id(), read.sha256()), (one.id(), one.sha256()));
        assert_ne!(one.sha256(), other.sha256());
        let secret = one.expose().rsplit('_').next().unwrap();
        assert!(secret.len() == 64 && !format!("{one:?}").contains(secret));
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let long = format!("sua_1_{}", "a".repeat(300));
        for text in [
            "",
            "sua",
            "sua_",
            "sua_1",
            "sua__abcdefghijkl",
            "sua_1_",
            "sut_12345678_abcdefghijkl",
            "sua_1234_abcdefghijkl\n",
            " sua_1234_abcdefghijkl",
            "sua_1234_abc def ghi jkl",
            &long,
            "sua_1234_é_abcdefghi",
        ] {
            assert_eq!(Token::read(TokenKind::Agent, text), None, "{text:?}");
        }
    }
}
