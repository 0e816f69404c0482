//! The operator's tokens: made, ended, and known by their hashes.

use std::sync::Arc;

use super::{Operator, Refusal};
use crate::{
    config::OperatorToken,
    token::{Token, TokenKind},
};
use model::{moment::Moment, permission::Permission};

/// Tokens of one name at most: the current one, and its successor.
const MAX_OF_NAME: usize = 2;

/// The holder of a token, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The name of the token.
    pub name: Box<str>,
    /// The part of it that is no secret.
    pub id: Box<str>,
    may: Vec<Permission>,
}

impl Access {
    /// Returns whether they have this permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.may.contains(&permission)
    }
}

impl Operator {
    /// Every token.
    pub fn tokens(&self) -> Arc<[OperatorToken]> {
        self.0.tokens.list()
    }

    /// True once there is a token.
    pub fn has_tokens(&self) -> bool {
        !self.0.tokens.list().is_empty()
    }

    /// The access that a token gives; `None` when it is not known.
    pub fn access(&self, text: &str) -> Option<Access> {
        let token = Token::read(TokenKind::Operator, text)?;
        let tokens = self.0.tokens.list();
        let known = tokens.iter().find(|known| *known.id == *token.id())?;
        (known.sha256 == token.sha256()).then(|| known.into())
    }

    /// The access of the token with this id, for who has shown it before.
    pub fn access_of_id(&self, id: &str) -> Option<Access> {
        self.0.tokens.list().iter().find(|known| *known.id == *id).map(Into::into)
    }

    /// Makes a token.
    ///
    /// # Errors
    /// Fails when it may do nothing, there are too many of its name, or it cannot be kept.
    pub fn add_token(&self, name: &str, may: &[Permission], now: Moment) -> Result<Token, Refusal> {
        let token = Token::generate(TokenKind::Operator);
        let token =
            token.map_err(|_| Refusal::Failed("the system has no random numbers".to_owned()))?;
        let mut may = may.to_vec();
        may.sort_unstable();
        may.dedup();
        if may.is_empty() {
            return Err(Refusal::Conflict("a token that may do nothing is of no use".to_owned()));
        }
        let words = may.iter().map(|permission| permission.word()).collect::<Vec<_>>().join(",");
        self.0.tokens.edit(|tokens| {
            let mine: Vec<_> = tokens.iter().filter(|known| *known.name == *name).collect();
            if mine.len() >= MAX_OF_NAME {
                let oldest = mine.first().map_or("ID", |token| &*token.id);
                return Err(Refusal::Conflict(format!(
                    "{name} has {MAX_OF_NAME} tokens already; end the one that is not used any more \
                     first: stillup token remove {name} --token {oldest}"
                )));
            }
            tokens.push(OperatorToken {
                name: name.into(),
                id: token.id().into(),
                sha256: token.sha256(),
                may,
                added_at: now,
            });
            Ok(())
        })?;
        self.note(now, "cli", "token.add", name, &format!("{} may {words}", token.id()));
        Ok(token)
    }

    /// Ends the tokens of a name, or the one with this id alone.
    ///
    /// # Errors
    /// Fails when there is none, or it cannot be kept.
    pub fn remove_token(&self, name: &str, id: Option<&str>, now: Moment) -> Result<(), Refusal> {
        self.0.tokens.edit(|tokens| {
            let before = tokens.len();
            tokens.retain(|known| *known.name != *name || id.is_some_and(|id| *known.id != *id));
            match id {
                _ if tokens.len() < before => Ok(()),
                None => Err(Refusal::NotThere(format!("there is no token of {name}"))),
                Some(id) => Err(Refusal::NotThere(format!("{name} has no token {id}"))),
            }
        })?;
        self.note(now, "cli", "token.remove", name, id.unwrap_or("all"));
        Ok(())
    }
}

impl From<&OperatorToken> for Access {
    fn from(token: &OperatorToken) -> Self {
        Self { name: token.name.clone(), id: token.id.clone(), may: token.may.clone() }
    }
}
