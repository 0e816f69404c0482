//! `docs/compatibility.md` lists all that old friends are served.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{get, world::*};

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            found.insert(key.clone());
            keys(value, found);
        }),
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[tokio::test(start_paused = true)]
async fn every_field_and_every_figure_is_in_the_table() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/compatibility.md");
    let page = std::fs::read_to_string(page).unwrap();
    let world = world();
    let mut wanted = BTreeSet::new();
    for path in ["/api/v2/summary.json", "/badge/slack.com.json?labelColor=red"] {
        keys(&get(&world.router, path).await.json(), &mut wanted);
    }
    let metrics = get(&world.router, "/metrics").await;
    let families = metrics.text().lines().filter_map(|line| line.strip_prefix("# TYPE "));
    wanted.extend(families.map(|family| family.split(' ').next().unwrap().to_owned()));
    let feed = get(&world.router, "/feed.json").await.json();
    wanted.extend(feed["items"][0].as_object().unwrap().keys().cloned());
    assert!(wanted.len() > 60, "{}", wanted.len());
    let missing: Vec<_> =
        wanted.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
