//! The operator's files as several nodes share them: their texts, merged and replaced whole.

use std::sync::Arc;

use toml::Table;

use super::{
    Operator, Refusal,
    files::{KeptList, MAX_FILE, edit},
    merge::merge,
};

/// A file that all nodes of one Postgres share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedFile {
    /// The operator's tokens.
    Tokens,
    /// Planned work.
    Planned,
    /// Notices.
    Notices,
    /// Sites that programs added.
    Added,
}

impl SharedFile {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Tokens, Self::Planned, Self::Notices, Self::Added];

    /// Its name in the data directory.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens.toml",
            Self::Planned => "planned.toml",
            Self::Notices => "notices.toml",
            Self::Added => "added.toml",
        }
    }
}

/// A list as the text of its file.
trait FileText {
    fn text(&self) -> Option<Arc<str>>;
    fn rewritten(&self, text: &str) -> Result<String, Refusal>;
    fn replace(&self, before: &str, after: &str) -> Result<(), Refusal>;
}

impl<T: Clone> FileText for KeptList<T> {
    fn text(&self) -> Option<Arc<str>> {
        self.taken_text()
    }

    fn rewritten(&self, text: &str) -> Result<String, Refusal> {
        self.parse(text).map(|list| self.text_of(&list)).map_err(Refusal::Failed)
    }

    fn replace(&self, before: &str, after: &str) -> Result<(), Refusal> {
        self.parse(after).map_err(Refusal::Failed)?;
        if after.len() as u64 > MAX_FILE {
            return Err(Refusal::Failed("together it would be larger than 16 MiB".to_owned()));
        }
        edit(self.path(), |now| {
            if now != before {
                return Err(Refusal::Conflict("it is being changed".to_owned()));
            }
            Ok((after.to_owned(), ()))
        })?;
        self.look();
        Ok(())
    }
}

impl Operator {
    fn file(&self, file: SharedFile) -> &dyn FileText {
        match file {
            SharedFile::Tokens => &self.0.tokens,
            SharedFile::Planned => &self.0.planned,
            SharedFile::Notices => &self.0.notices,
            SharedFile::Added => self.0.added.list(),
        }
    }

    /// The text of a file at the last look, empty when there is none; `None` while it cannot be taken as it is.
    /// It is the same one as long as the file does not change.
    pub fn shared_text(&self, file: SharedFile) -> Option<Arc<str>> {
        self.file(file).text()
    }

    /// The text of a file with the changes of both sides since `base`: `mine`, or `theirs`, or one that was made of
    /// both. Without a text of its own a side has changed nothing.
    ///
    /// # Errors
    /// Fails when one of them, or what they make together, cannot be read.
    pub fn merged(
        &self,
        file: SharedFile,
        base: &str,
        mine: &str,
        theirs: &str,
    ) -> Result<String, Refusal> {
        if mine == theirs || theirs.is_empty() || base == theirs && !mine.is_empty() {
            return Ok(mine.to_owned());
        }
        if mine.is_empty() || mine == base {
            return Ok(theirs.to_owned());
        }
        let read = |text: &str| {
            toml::from_str::<Table>(text).map_err(|error| Refusal::Failed(error.to_string()))
        };
        let (mine_read, theirs_read) = (read(mine)?, read(theirs)?);
        let merged = merge(&read(base)?, &mine_read, &theirs_read);
        if merged == theirs_read {
            return Ok(theirs.to_owned());
        }
        if merged == mine_read {
            return Ok(mine.to_owned());
        }
        let text = toml::to_string(&merged).map_err(|error| Refusal::Failed(error.to_string()))?;
        self.file(file).rewritten(&text)
    }

    /// Puts a text in place of a file that is still `before`; what it says is in force at once.
    ///
    /// # Errors
    /// Fails when the file is another one by now, when the new text cannot be read, or when it cannot be kept.
    pub fn replace_shared(
        &self,
        file: SharedFile,
        before: &str,
        after: &str,
    ) -> Result<(), Refusal> {
        self.file(file).replace(before, after)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{config::Defaults, operator::AddedSites};
    use model::permission::Permission;

    fn operator(dir: &Path) -> Operator {
        Operator::open(dir, AddedSites::open(dir, Path::new("sites.toml"), Defaults::default()))
    }

    fn token(operator: &Operator, name: &str) {
        let now = model::moment::Moment::from_millis(1_700_000_000_000);
        operator.add_token(name, &[Permission::Read], now).unwrap();
    }

    #[test]
    fn a_file_of_two_nodes_becomes_one_and_one_that_is_gone_comes_back() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, two) = (operator(here.path()), operator(there.path()));
        token(&one, "ann");
        token(&two, "bob");
        let file = SharedFile::Tokens;
        let [mine, theirs] = [&one, &two].map(|operator| operator.shared_text(file).unwrap());
        let both = one.merged(file, "", &mine, &theirs).unwrap();
        one.replace_shared(file, &mine, &both).unwrap();
        two.replace_shared(file, &theirs, &both).unwrap();
        let names = |operator: &Operator| -> Vec<String> {
            operator.tokens().iter().map(|token| token.name.to_string()).collect()
        };
        assert_eq!(names(&one), ["bob", "ann"]);
        assert_eq!(names(&one), names(&two));
        // Somebody has changed it meanwhile: nothing of that is written over.
        token(&one, "eve");
        one.replace_shared(file, &both, &theirs).unwrap_err();
        assert_eq!(names(&one), ["bob", "ann", "eve"]);
        // A file that is gone is not a list from which everything was taken.
        fs::remove_file(there.path().join(file.name())).unwrap();
        two.look();
        assert_eq!(two.merged(file, &both, &two.shared_text(file).unwrap(), &both).unwrap(), both);
        // One that cannot be read is nothing that others should have.
        fs::write(there.path().join(file.name()), "[[token").unwrap();
        two.look();
        assert_eq!(two.shared_text(file), None);
        two.replace_shared(file, "[[token", "[[token").unwrap_err();
    }
}
