//! The keys of one table: each is asked for once, and what nobody asked for is unknown.
//!
//! A reader gets a value and says in words what would be right; here the words get file, line and
//! key. After a problem reading goes on, so that all problems of a file are told at once.

use toml::de::{DeTable, DeValue};

use super::report::Report;

/// A table being read.
#[derive(Debug)]
pub(super) struct Keys<'k, 'a> {
    table: &'k DeTable<'k>,
    /// Where the table stands, for what is missing from it.
    begins: usize,
    /// What its problems are about: `site "slack.com"`, or empty.
    place: String,
    /// What stands before a key in a problem: `probe.`, or empty.
    prefix: &'static str,
    asked: Vec<&'static str>,
    report: &'k mut Report<'a>,
}

impl<'k, 'a> Keys<'k, 'a> {
    /// Begins to read a table.
    pub(super) fn new(table: &'k DeTable<'k>, begins: usize, report: &'k mut Report<'a>) -> Self {
        Self { table, begins, place: String::new(), prefix: "", asked: Vec::new(), report }
    }

    /// A table that was read by other means, all but what is unknown in it.
    pub(super) fn asking(
        table: &'k DeTable<'k>,
        asked: &[&'static str],
        report: &'k mut Report<'a>,
    ) -> Self {
        Self { asked: asked.to_vec(), ..Self::new(table, 0, report) }
    }

    /// Says what problems from now on are about.
    pub(super) fn call(&mut self, place: String) {
        self.place = place;
    }

    /// The value of a key; `None` when it is not there or is not right, which is then told.
    pub(super) fn get<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<T> {
        self.asked.push(key);
        let value = self.table.get(key)?;
        read(value.get_ref()).map_err(|text| self.tell(value.span().start, key, text)).ok()
    }

    /// The values of a list; `None` when it is not there or any of it is not right.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&DeValue<'_>) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        self.asked.push(key);
        let value = self.table.get(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            let text = format!("must be a list: write {key} = [ … ]");
            self.tell(value.span().start, key, text);
            return None;
        };
        let mut good = Vec::with_capacity(items.len());
        for item in items {
            match read(item.get_ref()) {
                Ok(item) => good.push(item),
                Err(text) => self.tell(item.span().start, key, text),
            }
        }
        (good.len() == items.len()).then_some(good)
    }

    /// Reads a section (`[probe]`); one that is not there reads like an empty one.
    pub(super) fn section<T>(
        &mut self,
        name: &'static str,
        prefix: &'static str,
        read: impl FnOnce(&mut Keys<'_, 'a>) -> T,
    ) -> T {
        self.asked.push(name);
        let empty = DeTable::new();
        let value = self.table.get(name);
        let begins = value.map_or(0, |v| v.span().start);
        let table = match value.map(toml::Spanned::get_ref) {
            Some(DeValue::Table(table)) => table,
            Some(_) => {
                let text = format!("is a section: write [{name}] on a line of its own");
                self.tell(begins, name, text);
                &empty
            }
            None => &empty,
        };
        let mut keys = Keys { prefix, ..Keys::new(table, begins, self.report) };
        let value = read(&mut keys);
        keys.done();
        value
    }

    /// Reads each section of a list (`[[notify]]`), with its number from 1; none is an empty list.
    pub(super) fn sections<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&mut Keys<'_, 'a>, usize) -> Option<T>,
    ) -> Vec<T> {
        self.asked.push(name);
        let Some(value) = self.table.get(name) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            let text = format!("is a list of sections: write [[{name}]], with two brackets");
            self.tell(value.span().start, name, text);
            return Vec::new();
        };
        let mut all = Vec::new();
        for (number, item) in items.iter().enumerate() {
            let begins = item.span().start;
            let DeValue::Table(table) = item.get_ref() else {
                let text = format!("is not a section: write [[{name}]], and its keys below it");
                self.tell(begins, name, text);
                continue;
            };
            let mut keys = Keys::new(table, begins, self.report);
            all.extend(read(&mut keys, number + 1));
            keys.done();
        }
        all
    }

    /// A problem with a key that stops only those who need its value; it is not told here.
    pub(super) fn problem(&self, key: &str, text: impl Into<Box<str>>) -> super::Problem {
        self.report.problem(self.place_of(key), text).about(&self.place, key)
    }

    /// The line of a key's value; that of the table's beginning when it is not there.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.report.line(self.place_of(key))
    }

    /// The line of an item of a key's list.
    pub(super) fn line_of_item(&self, key: &str, item: usize) -> usize {
        self.report.line(self.place_of_item(key, item))
    }

    fn place_of_item(&self, key: &str, item: usize) -> usize {
        let items = self.table.get(key).and_then(|value| value.get_ref().as_array());
        let item = items.and_then(|items| items.get(item));
        item.map_or_else(|| self.place_of(key), |item| item.span().start)
    }

    fn place_of(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.begins, |v| v.span().start)
    }

    /// The text of a key, without asking for it.
    pub(super) fn peek(&self, key: &str) -> Option<&str> {
        self.table.get(key)?.get_ref().as_str()
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Tells that a key's value is wrong.
    pub(super) fn wrong(&mut self, key: &str, text: impl Into<Box<str>>) {
        self.tell(self.place_of(key), key, text);
    }

    /// Tells that an item of a key's list is wrong.
    pub(super) fn wrong_item(&mut self, key: &str, item: usize, text: impl Into<Box<str>>) {
        self.tell(self.place_of_item(key, item), key, text);
    }

    /// Tells that a key is not there and must be.
    pub(super) fn missing(&mut self, key: &str, text: &str) {
        let problem = self.report.problem(self.begins, text).about(&self.place, key).absent();
        self.report.push(problem);
    }

    /// Ends reading: every key that nobody asked for is unknown.
    pub(super) fn done(mut self) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                let text = super::suggest::unknown(name, &self.asked);
                self.tell(key.span().start, &name.escape_debug().to_string(), text);
            }
        }
    }

    fn tell(&mut self, byte: usize, key: &str, text: impl Into<Box<str>>) {
        let key = format!("{}{key}", self.prefix);
        let problem = self.report.problem(byte, text).about(&self.place, &key);
        self.report.push(problem);
    }
}
