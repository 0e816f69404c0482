//! Names that are long, hostile or written from right to left, and addresses that are: they stay text, and
//! within the page.

use serde_json::Value;

use super::{driver::Browser, wishes::BESIDE};
use crate::specimen;

const LONG: &str =
    "Rijksdienstvoordefinancieringsvoorwaardenvandeelektriciteitsnetwerkbeheerdersenafnemers-2";
const WORDY: &str =
    "The Water Board of the Northern Province and All Its Surrounding Municipalities";
const RIGHT_TO_LEFT: &str = "مرحبا بالعالم 24 (תל אביב)";
const MARKUP: &str = "</title><script>window.ran=1</script><img src=x onerror='ran=1'>\"&amp;";

/// Parts of the page that a name made of itself, and what ran.
const MADE: &str = "
    const made = document.querySelectorAll('main img[src=x], main script:not([src])');
    return [...made].map((part) => part.outerHTML).concat(window.ran ? ['it ran'] : []);
";

fn catalogue() -> String {
    let site = |(slug, name, more): &(&str, &str, &str)| {
        let name = name.replace('"', "\\\"");
        format!("[[site]]\nurl = \"https://{slug}/\"\nname = \"{name}\"\n{more}\n")
    };
    let aws = "provider = \"aws\"\ntags = [\"with-a-tag-of-nearly-forty-letters\"]";
    [
        ("long.example", LONG, aws),
        ("rtl.example", RIGHT_TO_LEFT, aws),
        ("markup.example", MARKUP, aws),
        ("wordy.example", WORDY, ""),
        (
            "a-host-of-many-letters-and-hyphens-and-more-letters.and-a-domain-as-long.example",
            "",
            "",
        ),
    ]
    .iter()
    .map(site)
    .collect::<String>()
    .replace("name = \"\"\n", "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_any_length_and_script_stay_text_within_the_page() {
    let sites = catalogue();
    let (browser, address) = tokio::join!(Browser::open(), specimen::serve_catalogue(&sites));
    let missing = format!("/{}.example", "a".repeat(63));
    let mut findings = Vec::new();
    for (path, name) in [
        ("/", ""),
        ("/?status=down", ""),
        ("/long.example", LONG),
        ("/rtl.example", RIGHT_TO_LEFT),
        ("/markup.example", MARKUP),
        ("/wordy.example", WORDY),
        ("/a-host-of-many-letters-and-hyphens-and-more-letters.and-a-domain-as-long.example", ""),
        ("/badges?site=markup.example", ""),
        ("/badges?site=long.example&kind=card", ""),
        ("/outages", ""),
        ("/outages?site=long.example", LONG),
        ("/providers/aws", ""),
        ("/embed/long.example", LONG),
        ("/embed/markup.example", MARKUP),
        (&missing, ""),
        ("/?q=%3Cscript%3Ewindow.ran%3D1%3C%2Fscript%3E%E2%80%AE", ""),
    ] {
        browser.visit(&format!("http://{address}{path}"), true).await;
        let heading = browser.script("return document.querySelector('h1').textContent").await;
        assert!(heading.as_str().unwrap().contains(name), "{path}: {heading}");
        for width in [320, 390, 1280] {
            browser.wide(width, 1).await;
            for look in [BESIDE, MADE] {
                let found: Value = browser.script(look).await;
                let found = found.as_array().unwrap().iter();
                findings.extend(found.map(|words| format!("{path}, {width} wide: {words}")));
            }
        }
    }
    assert!(findings.is_empty(), "{findings:#?}");
    browser.close().await;
}
