//! The tables of a TOML file, read into structs by serde. All mistakes of a file are collected,
//! each with its line and key.
//!
//! Serde stops at the first error. So each key is read alone ([`Table::get`]), and each item of a
//! list that cannot be read whole. A struct ([`Table::read`]) is made of those keys that can be
//! read: each of its fields has a default. A key that was not asked for is unknown.

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer,
        value::{Error as AnyError, MapDeserializer},
    },
};
use toml::{
    Spanned, Value,
    de::{DeArray, DeTable, DeValue, Error},
};

use super::{
    problem::ConfigProblem,
    value::{quoted, shown},
};

/// The problems of one file.
#[derive(Debug)]
struct FileReport<'f> {
    file: &'f str,
    /// The first byte of each line.
    lines: Vec<usize>,
    problems: Vec<ConfigProblem>,
}

impl<'f> FileReport<'f> {
    fn new(file: &'f str, text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { file, lines: std::iter::once(0).chain(ends).collect(), problems: Vec::new() }
    }

    /// The line (from 1) of a byte.
    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= byte).max(1)
    }

    fn problem(&self, byte: usize, text: impl Into<Box<str>>) -> ConfigProblem {
        ConfigProblem::new(self.file, text).at(self.line(byte))
    }
}

/// Reads a file's text as TOML and passes its top table to `read`, even if parts are not TOML: the
/// rest is checked as far as possible. The problems are in the order of their lines.
pub(super) fn parse<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&mut Table<'_, '_>) -> T,
) -> (T, Vec<ConfigProblem>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (entries, errors) = DeTable::parse_recoverable(text);
    let mut report = FileReport::new(file, text);
    let mut broken: Vec<ConfigProblem> = Vec::new();
    for error in errors {
        let byte = error.span().map_or(text.len(), |span| span.start);
        let problem = report.problem(byte, format!("this is not TOML: {}", error.message()));
        if broken.last().is_none_or(|last| last.line() != problem.line()) {
            broken.push(problem);
        }
    }
    let mut top = Table::new(entries.get_ref(), 0, &mut report);
    let value = read(&mut top);
    top.refuse_unknown_keys();
    let mut problems = report.problems;
    if !broken.is_empty() {
        // Keys hidden by a broken line are not missing, and the remains of that line are not
        // unknown keys.
        problems.retain(|p| {
            !p.is_absence() && p.line().is_some() && !broken.iter().any(|b| b.line() == p.line())
        });
        problems.extend(broken);
    }
    problems.sort_by_key(ConfigProblem::line);
    (value, problems)
}

/// The same, whole or not at all.
///
/// # Errors
/// Fails with every problem of the text, in the order of its lines.
pub(super) fn parse_whole<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&mut Table<'_, '_>) -> T,
) -> Result<T, Vec<ConfigProblem>> {
    let (value, problems) = parse(file, text, read);
    if problems.is_empty() { Ok(value) } else { Err(problems) }
}

/// A table being read.
#[derive(Debug)]
pub(super) struct Table<'t, 'f> {
    entries: &'t DeTable<'t>,
    /// The first byte of the table, for keys that are missing from it.
    begins: usize,
    /// The subject of its problems: `site "slack.com"`, or empty.
    subject: String,
    /// The text before a key in a problem: `probe.`, or empty.
    prefix: String,
    /// The keys that were asked for.
    known: Vec<&'static str>,
    report: &'t mut FileReport<'f>,
}

impl<'t, 'f> Table<'t, 'f> {
    fn new(entries: &'t DeTable<'t>, begins: usize, report: &'t mut FileReport<'f>) -> Self {
        let (subject, prefix, known) = (String::new(), String::new(), Vec::new());
        Self { entries, begins, subject, prefix, known, report }
    }

    /// Says what problems from now on are about.
    pub(super) fn set_subject(&mut self, subject: String) {
        self.subject = subject;
    }

    /// The same for the item with this number of a list, which one of its keys names: `site "slack.com"`.
    pub(super) fn set_subject_from(&mut self, what: &str, number: usize, key: &str) {
        self.subject = match self.peek(key) {
            Some(name) => format!("{what} {}", quoted(name)),
            None => format!("{what} no. {number}"),
        };
    }

    /// Reads a key; `None` when it is missing, or its value is refused, which is reported.
    pub(super) fn get<T: DeserializeOwned>(&mut self, key: &'static str) -> Option<T> {
        self.known.push(key);
        let value = self.entries.get(key)?;
        let read = |value: &Spanned<DeValue<'_>>| T::deserialize(value.clone().into_deserializer());
        read(value).map_err(|error| self.refuse(key, value, &error, |item| read(item).err())).ok()
    }

    /// Reads the keys that are the fields of a struct. A refused value is reported, and its field
    /// keeps the default.
    pub(super) fn read<T: DeserializeOwned + Default>(&mut self) -> T {
        let fields = fields_of::<T>();
        self.known.extend(fields);
        let mut good: Vec<TableEntry<'_>> = Vec::new();
        for key in fields {
            let Some(value) = self.entries.get(*key) else { continue };
            let read = |value: &Spanned<DeValue<'_>>| from_entries::<T>(&[(key, value)]).err();
            match read(value) {
                None => good.push((key, value)),
                Some(error) => self.refuse(key, value, &error, read),
            }
        }
        from_entries(&good).unwrap_or_default()
    }

    /// Reports why a key cannot be read, of a list item by item; `read` returns the error of a
    /// value.
    fn refuse(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        error: &Error,
        read: impl Fn(&Spanned<DeValue<'_>>) -> Option<Error>,
    ) {
        let text = match error.message() {
            text if text.ends_with("expected a sequence") => {
                format!("must be a list: write {key} = [ … ]")
            }
            text if text.ends_with("expected a boolean") => {
                format!("{} is not true or false", written(value))
            }
            text => text.to_owned(),
        };
        let before = self.report.problems.len();
        for item in value.get_ref().as_array().into_iter().flat_map(|items| items.iter()) {
            let mut list = DeArray::new();
            list.push(item.clone());
            let alone = Spanned::new(item.span(), DeValue::Array(list));
            if let Some(error) = read(&alone) {
                self.tell(item, key, error.message());
            }
        }
        if self.report.problems.len() == before {
            self.tell(value, key, text);
        }
    }

    /// Accepts keys whose values cannot be judged.
    pub(super) fn pass_over(&mut self, keys: &[&'static str]) {
        self.known.extend(keys);
    }

    /// Reads a section (`[probe]`); a missing one reads like an empty one.
    pub(super) fn section<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Table<'_, 'f>) -> T,
    ) -> T {
        self.known.push(name);
        let empty = DeTable::new();
        let value = self.entries.get(name);
        let entries = value.and_then(|value| value.get_ref().as_table());
        if let Some(value) = value.filter(|_| entries.is_none()) {
            let text = format!("is a section: write [{name}] on a line of its own");
            self.tell(value, name, text);
        }
        let begins = value.map_or(0, |value| value.span().start);
        let mut table = Table::new(entries.unwrap_or(&empty), begins, self.report);
        table.prefix = format!("{name}.");
        let value = read(&mut table);
        table.refuse_unknown_keys();
        value
    }

    /// Reads a section that is a struct and no more.
    pub(super) fn section_as<T: DeserializeOwned + Default>(&mut self, name: &'static str) -> T {
        fn whole<T: DeserializeOwned + Default>(table: &mut Table<'_, '_>) -> T {
            table.read()
        }
        self.section(name, whole)
    }

    /// Reads each section of a list (`[[notify]]`) of at most `most`, with its number from 1.
    pub(super) fn sections<T>(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Table<'_, 'f>, usize) -> Option<T>,
    ) -> Vec<T> {
        self.known.push(name);
        let Some(value) = self.entries.get(name) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            let text = format!("is a list of sections: write [[{name}]], with two brackets");
            self.tell(value, name, text);
            return Vec::new();
        };
        let mut all = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let Some(entries) = item.get_ref().as_table() else {
                let text = format!("is not a section: write [[{name}]], and its keys below it");
                self.tell(item, name, text);
                continue;
            };
            if at == most {
                let text = format!("is there more than {most} times; leave some out");
                self.tell(item, name, text);
                break;
            }
            let mut table = Table::new(entries, item.span().start, self.report);
            all.extend(read(&mut table, at + 1));
            table.refuse_unknown_keys();
        }
        all
    }

    /// Number of items of a key's list, 1 for any other value; `None` when the key is missing.
    pub(super) fn count(&self, key: &str) -> Option<usize> {
        let value = self.entries.get(key)?.get_ref();
        Some(value.as_array().map_or(1, |items| items.len()))
    }

    /// True if the key is there, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The text of a key, right or wrong.
    pub(super) fn peek(&self, key: &str) -> Option<&str> {
        self.entries.get(key)?.get_ref().as_str()
    }

    /// The line of a key's value; that of the table's beginning when it is not there.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.report.line(self.byte_of(key))
    }

    /// The line of an item of a key's list.
    pub(super) fn line_of_item(&self, key: &str, item: usize) -> usize {
        self.report.line(self.byte_of_item(key, item))
    }

    fn byte_of(&self, key: &str) -> usize {
        self.entries.get(key).map_or(self.begins, |value| value.span().start)
    }

    fn byte_of_item(&self, key: &str, item: usize) -> usize {
        let items = self.entries.get(key).and_then(|value| value.get_ref().as_array());
        let item = items.and_then(|items| items.get(item));
        item.map_or_else(|| self.byte_of(key), |item| item.span().start)
    }

    /// Returns what a rule makes of a key's value; reports its error.
    pub(super) fn check<T>(&mut self, key: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|text| self.wrong(key, text)).ok()
    }

    /// Tells that a key's value is wrong.
    pub(super) fn wrong(&mut self, key: &str, text: impl Into<Box<str>>) {
        self.push(self.byte_of(key), key, text);
    }

    /// Tells that an item of a key's list is wrong.
    pub(super) fn wrong_item(&mut self, key: &str, item: usize, text: impl Into<Box<str>>) {
        self.push(self.byte_of_item(key, item), key, text);
    }

    /// Tells that a key must be there, unless it is.
    pub(super) fn require(&mut self, key: &str, text: &str) {
        if !self.has(key) {
            self.missing(key, text);
        }
    }

    /// Tells that a key is not there and must be.
    pub(super) fn missing(&mut self, key: &str, text: &str) {
        let problem = self.report.problem(self.begins, text).about(&self.subject, key).absent();
        self.report.problems.push(problem);
    }

    /// Tells that something is not anywhere in the file.
    pub(super) fn missing_in_file(&mut self, text: &str) {
        self.report.problems.push(ConfigProblem::new(self.report.file, text).absent());
    }

    /// A problem with a key that stops only those who need its value; it is not reported here.
    pub(super) fn problem(&self, key: &str, text: impl Into<Box<str>>) -> ConfigProblem {
        self.report.problem(self.byte_of(key), text).about(&self.subject, key)
    }

    fn refuse_unknown_keys(&mut self) {
        for (key, _) in self.entries {
            let name = key.get_ref().as_ref();
            if !self.known.contains(&name) {
                let text = unknown(name, &self.known);
                self.push(key.span().start, &name.escape_debug().to_string(), text);
            }
        }
    }

    fn tell(&mut self, value: &Spanned<DeValue<'_>>, key: &str, text: impl Into<Box<str>>) {
        self.push(value.span().start, key, text);
    }

    fn push(&mut self, byte: usize, key: &str, text: impl Into<Box<str>>) {
        let key = format!("{}{key}", self.prefix);
        let problem = self.report.problem(byte, text).about(&self.subject, &key);
        self.report.problems.push(problem);
    }
}

type TableEntry<'t> = (&'t str, &'t Spanned<DeValue<'t>>);

/// Reads a struct from these keys alone.
fn from_entries<T: DeserializeOwned>(entries: &[TableEntry<'_>]) -> Result<T, Error> {
    let entries = entries.iter().map(|(key, value)| (*key, (*value).clone()));
    T::deserialize(MapDeserializer::new(entries))
}

/// A value as problems name it.
fn written(value: &Spanned<DeValue<'_>>) -> String {
    Value::deserialize(value.clone().into_deserializer())
        .map(|value| shown(&value))
        .unwrap_or_default()
}

/// The names of a struct's fields, in their order.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Fields<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Fields<'_> {
        type Error = AnyError;

        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, AnyError> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, AnyError> {
            Err(AnyError::custom("only the names are wanted"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut fields: &'static [&'static str] = &[];
    drop(T::deserialize(Fields(&mut fields)));
    fields
}

/// The sentence on an unknown key, given the known ones.
fn unknown(key: &str, known: &[&str]) -> String {
    let lower = key.to_lowercase().replace('-', "_");
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&lower, word), *word))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4);
    match near {
        Some((_, word)) => format!("is not a key here; did you mean {word}?"),
        None => format!("is not a key here; use one of {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_lines() {
        let report = FileReport::new("f", "a\r\nb\n\nc");
        let lines: Vec<usize> = (0..8).map(|byte| report.line(byte)).collect();
        assert_eq!(lines, [1, 1, 1, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn every_broken_line_is_told_once() {
        for (text, want) in [
            ("a = 1\nb = = 2\nc = 3\nd 4\n", vec![2, 4]),
            ("\u{feff}a = \"x\r\nb = 2\r\n", vec![1]),
            ("a = 1\na = 2\n", vec![2]),
            ("a = [1, 2\n", vec![1]),
        ] {
            let ((), problems) = parse("f", text, |top| {
                top.known = vec!["a", "b", "c", "d"];
            });
            let lines: Vec<usize> = problems.iter().filter_map(ConfigProblem::line).collect();
            assert_eq!(lines, want, "{problems:?}");
        }
    }

    #[derive(Debug, Default, Deserialize, PartialEq, Eq)]
    #[serde(default)]
    struct Fruit {
        name: String,
        sizes: Vec<u8>,
        ripe: Option<bool>,
    }

    fn fruit(top: &mut Table<'_, '_>) -> Fruit {
        top.read()
    }

    #[test]
    fn every_wrong_key_and_item_is_told_and_the_rest_is_read() {
        let text = "name = 7\nsizes = [1,\n 300,\n 2,\n -1]\nripe = true\nripee = 1\n";
        let (read, problems) = parse("f", text, fruit);
        assert_eq!(read, Fruit { ripe: Some(true), ..Fruit::default() });
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "f:1: name: invalid type: integer `7`, expected a string",
                "f:3: sizes: invalid value: integer `300`, expected u8",
                "f:5: sizes: invalid value: integer `-1`, expected u8",
                "f:7: ripee: is not a key here; did you mean ripe?",
            ]
        );
        let (_, problems) = parse("f", "sizes = 1", fruit);
        assert_eq!(problems[0].to_string(), "f:1: sizes: must be a list: write sizes = [ … ]");
        assert_eq!(fields_of::<Fruit>(), ["name", "sizes", "ripe"]);
    }

    #[test]
    fn the_nearest_word_is_meant_if_it_is_near() {
        let known = ["interval", "url", "slow_after"];
        for (key, want) in [
            ("intervall", "is not a key here; did you mean interval?"),
            ("slow-after", "is not a key here; did you mean slow_after?"),
            ("URL", "is not a key here; did you mean url?"),
            ("sloow_afer", "is not a key here; did you mean slow_after?"),
            ("colour", "is not a key here; use one of interval, url, slow_after"),
        ] {
            assert_eq!(unknown(key, &known), want);
        }
    }
}
