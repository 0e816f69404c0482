//! The two languages, and the one catalogue of messages in them: `locales/`.
//!
//! The messages are inside the program and parsed once; formatting one costs about a microsecond. A
//! missing message appears as its own name, which a test of the catalogue rules out. Pure: a
//! language is always passed in, never guessed here.

mod catalogue;
pub mod provider;
pub mod sentence;

use std::borrow::Cow;

use fluent_bundle::{FluentArgs, FluentValue, types::FluentNumber};

/// A language that we speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English, which is also what programs read.
    #[default]
    En,
    /// Dutch.
    Nl,
}

/// Value of a placeable of a message.
#[derive(Clone, Debug)]
pub enum Arg<'a> {
    /// Text, as it is.
    Text(Cow<'a, str>),
    /// A whole number, which also decides between one and many.
    Count(u64),
    /// A number with this many decimals.
    Decimal(f64, usize),
    /// Markup of ours, never a visitor's.
    Markup(String),
}

impl Arg<'_> {
    /// Text in which nothing is markup.
    fn escaped(self) -> Self {
        let Self::Text(text) = self else { return self };
        let mut safe = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                other => safe.push(other),
            }
        }
        Self::Text(safe.into())
    }
}

impl Lang {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::En, Self::Nl];

    /// Its tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Nl => "nl",
        }
    }

    /// Its own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Nl => "Nederlands",
        }
    }

    /// The language with this tag; regions (`nl-BE`) do not matter.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// A message without placeables.
    pub fn say(self, id: &str) -> Cow<'static, str> {
        catalogue::format(self, id, None)
    }

    /// A message with one placeable.
    pub fn one<'a>(self, id: &str, name: &'a str, value: impl Into<Arg<'a>>) -> String {
        self.with(id, [(name, value.into())])
    }

    /// A message with two placeables.
    pub fn two<'a>(
        self,
        id: &str,
        (name, value): (&'a str, impl Into<Arg<'a>>),
        (other, second): (&'a str, impl Into<Arg<'a>>),
    ) -> String {
        self.with(id, [(name, value.into()), (other, second.into())])
    }

    /// A message with any number of placeables.
    pub fn with<'a>(self, id: &str, args: impl IntoIterator<Item = (&'a str, Arg<'a>)>) -> String {
        let args = args.into_iter().map(|(name, arg)| (name, FluentValue::from(arg)));
        let args: FluentArgs<'_> = args.collect();
        catalogue::format(self, id, Some(&args)).into_owned()
    }

    /// A message with markup in it (its name ends in `-html`); what is filled in is made harmless,
    /// unless it is markup of ours.
    pub fn html<'a>(self, id: &str, args: impl IntoIterator<Item = (&'a str, Arg<'a>)>) -> String {
        self.with(id, args.into_iter().map(|(name, arg)| (name, arg.escaped())))
    }

    /// The name of a tag: our word for those of the shipped catalogue, else what the operator wrote.
    pub fn tag_name(self, tag: &str) -> String {
        if let Some(name) = catalogue::known(self, &format!("tag-{tag}")) {
            return name;
        }
        let mut chars = tag.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    }

    /// A number with this many decimals: decimal mark and thousands as the language writes them.
    pub fn number(self, value: f64, decimals: usize) -> String {
        let (point, thousands) = match self {
            Self::En => ('.', ','),
            Self::Nl => (',', '.'),
        };
        let plain = format!("{value:.decimals$}");
        let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
        let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
        let mut text = sign.to_owned();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(thousands);
            }
            text.push(digit);
        }
        if !rest.is_empty() {
            text.push(point);
            text.push_str(rest);
        }
        text
    }
}

impl<'a> From<Arg<'a>> for FluentValue<'a> {
    fn from(arg: Arg<'a>) -> Self {
        match arg {
            Arg::Text(text) => Self::String(text),
            Arg::Markup(text) => Self::String(text.into()),
            Arg::Count(count) => Self::from(count),
            Arg::Decimal(value, decimals) => {
                let mut number = FluentNumber::from(value);
                number.options.minimum_fraction_digits = Some(decimals);
                Self::Number(number)
            }
        }
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.as_str().into())
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<Cow<'a, str>> for Arg<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Arg<'_> {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<&usize> for Arg<'_> {
    fn from(count: &usize) -> Self {
        Self::Count(*count as u64)
    }
}

impl From<u64> for Arg<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

#[cfg(test)]
mod tests;
