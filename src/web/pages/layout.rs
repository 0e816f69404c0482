//! The frame of every page: head, navigation, notice, and metadata for search engines.

use std::sync::Arc;

use super::components::{Html, Stamp};
use crate::{
    i18n::{Arg, Lang},
    web::{
        Shared, assets,
        extractors::locale::Locale,
        links,
        preview::{self, TALL, WIDE},
        views::overview::service_warnings,
    },
};
use model::verdict::Status;

/// The frame of every page.
#[derive(Debug)]
pub(super) struct Layout {
    /// Path and language of the request; links are made with it.
    pub(super) locale: Locale,
    /// The language of the page.
    pub(super) t: Lang,
    /// The page's own title.
    pub(super) title: String,
    /// Title for link previews,
    pub(super) og_title: String,
    /// and one sentence.
    pub(super) description: String,
    /// Address of its picture for link previews, if it has one.
    pub(super) preview: Option<String>,
    /// Width and height of such a picture.
    pub(super) preview_size: [u32; 2],
    /// Its address; `None` when it should not be found.
    pub(super) canonical: Option<String>,
    /// Its path, with the query that made it what it is.
    pub(super) path: String,
    pub(super) brand: Arc<str>,
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    pub(super) scheme: &'static str,
    /// The tab's icon shows the state.
    pub(super) icon: &'static str,
    pub(super) notice: Option<String>,
    /// Sentence of a copy, with its moment and the live page; `None` on the live page.
    pub(super) copy: Option<Html>,
    /// Moment of the state that the page shows; `None` when it shows none.
    pub(super) now: Option<Stamp>,
    /// Subject of live updates: the slug of a site, or `*` for all; `None`: nothing.
    pub(super) follows: Option<String>,
    /// True if the search is in the header; the front page has its own.
    pub(super) searches: bool,
    /// Text of the search.
    pub(super) q: String,
}

/// A link to the same page in another language.
pub(super) struct Other {
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) href: String,
    pub(super) url: Option<String>,
    pub(super) current: bool,
}

impl Layout {
    /// The frame of a page of ours at this path.
    pub(super) fn new(
        shared: &Shared,
        locale: &Locale,
        title: String,
        description: String,
        path: &str,
    ) -> Self {
        let (now, t) = (shared.second(), locale.lang);
        Self {
            locale: locale.clone(),
            t,
            og_title: title.clone(),
            title,
            description,
            preview: Some(preview::address(shared, "/preview.png", t)),
            preview_size: [WIDE, TALL],
            canonical: Some(shared.link(path)),
            path: path.to_owned(),
            brand: shared.web.title.clone(),
            style: assets::style(),
            script: assets::script(),
            scheme: assets::scheme(),
            icon: assets::favicon(),
            notice: service_warnings(t, &shared.web.board, now),
            copy: shared.web.is_copy.then(|| {
                let live = shared.link(path);
                Html::said(
                    t,
                    "copy-html",
                    [("time", Stamp::full(t, now).arg()), ("url", Arg::Text(live.into()))],
                )
            }),
            now: Some(Stamp::second(now)),
            follows: None,
            searches: !shared.web.is_copy,
            q: String::new(),
        }
    }

    /// The frame of a page that shows nothing of the world, so that it may stay as it is.
    pub(super) fn still(
        shared: &Shared,
        locale: &Locale,
        title: String,
        description: String,
        path: &str,
    ) -> Self {
        Self { now: None, ..Self::new(shared, locale, title, description, path) }
    }

    /// The frame of a page that search engines should not index.
    pub(super) fn hidden(
        shared: &Shared,
        locale: &Locale,
        title: String,
        description: String,
    ) -> Self {
        Self {
            canonical: None,
            preview: None,
            ..Self::still(shared, locale, title, description, "/")
        }
    }

    /// The same, with the tab's icon in this state, followed live.
    pub(super) fn living(self, status: Status, follows: &str) -> Self {
        Self { icon: assets::state_icon(status), follows: Some(follows.to_owned()), ..self }
    }

    /// A link of ours that keeps the chosen language.
    pub(super) fn href(&self, to: &str) -> String {
        self.locale.href(to)
    }

    /// A feed of ours in the language of the page.
    pub(super) fn feed(&self, to: &str) -> String {
        links::unless_default(to, self.t)
    }

    /// The words over the tab.
    pub(super) fn tab(&self) -> String {
        self.t.two("page-title", ("title", &self.title), ("brand", &*self.brand))
    }

    /// Sentence with the moment of the shown state.
    pub(super) fn as_of(&self) -> Option<Html> {
        let now = self.now.as_ref()?;
        Some(Html::said(self.t, "as-of-html", [("time", now.arg())]))
    }

    /// The same page in every language.
    pub(super) fn others(&self) -> impl Iterator<Item = Other> {
        Lang::ALL.into_iter().map(|lang| Other {
            tag: lang.tag(),
            name: lang.own_name(),
            href: links::in_language(&self.path, lang),
            url: self.canonical.as_ref().map(|url| links::in_language(url, lang)),
            current: lang == self.t,
        })
    }
}
