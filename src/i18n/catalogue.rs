//! The messages of `locales/`, inside the program, one bundle a language.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::Lang;

type Bundle = FluentBundle<FluentResource>;

/// The files of each language, English first.
pub(super) const FILES: [[&str; 4]; 2] = [
    [
        include_str!("../../locales/en/sentences.ftl"),
        include_str!("../../locales/en/pages.ftl"),
        include_str!("../../locales/en/messages.ftl"),
        include_str!("../../locales/en/operators.ftl"),
    ],
    [
        include_str!("../../locales/nl/sentences.ftl"),
        include_str!("../../locales/nl/pages.ftl"),
        include_str!("../../locales/nl/messages.ftl"),
        include_str!("../../locales/nl/operators.ftl"),
    ],
];

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| {
    let mut bundle = bundle(Lang::En, FILES[0]);
    bundle.set_formatter(Some(|value, _| formatted(Lang::En, value)));
    bundle
});

static DUTCH: LazyLock<Bundle> = LazyLock::new(|| {
    let mut bundle = bundle(Lang::Nl, FILES[1]);
    bundle.set_formatter(Some(|value, _| formatted(Lang::Nl, value)));
    bundle
});

fn bundle(lang: Lang, files: impl IntoIterator<Item = &'static str>) -> Bundle {
    let language: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Both languages run from left to right; the marks would only get in the way of copying.
    bundle.set_use_isolating(false);
    for file in files {
        // What cannot be read leaves the rest; a test sees to it that all can.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(rest, _)| rest);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A number formatted for the language.
fn formatted(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let decimals = number.options.minimum_fraction_digits.unwrap_or(0);
    Some(lang.number(number.value, decimals))
}

/// A message without places to fill, if there is one.
pub(super) fn known(lang: Lang, id: &str) -> Option<String> {
    let pattern = bundle_of(lang).get_message(id)?.value()?;
    Some(bundle_of(lang).format_pattern(pattern, None, &mut Vec::new()).into_owned())
}

fn bundle_of(lang: Lang) -> &'static Bundle {
    match lang {
        Lang::En => &ENGLISH,
        Lang::Nl => &DUTCH,
    }
}

/// A message; its own name when there is none.
pub(super) fn format(lang: Lang, id: &str, args: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
    let bundle = bundle_of(lang);
    let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
        debug_assert!(false, "no message {id} in {}", lang.tag());
        return Cow::Owned(id.to_owned());
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut errors);
    debug_assert!(errors.is_empty(), "message {id} in {}: {errors:?}", lang.tag());
    text
}
