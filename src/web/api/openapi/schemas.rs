//! The shapes of answers, gathered from where they are made.

use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::{agents, writes::WRITES};
use crate::web::{
    api::{
        checks::ChecksPage,
        events::Reset,
        history,
        lookup::Lookup,
        notices,
        outages::OutagesPage,
        planned, provider_events, providers, regions,
        shape::SiteJson,
        site_writes,
        sites::{SitesPage, TargetGroup},
        status::StatusCountsJson,
    },
    error::HttpProblem,
};

/// Every schema by its name. Every field of an answer is always there, so all are required, save in
/// `SitePart`, of which `fields` chooses.
pub(in crate::web) fn schemas() -> Map<String, Value> {
    let mut found = Vec::new();
    gather::<SiteJson<'_>>(&mut found);
    gather::<SitesPage<'_>>(&mut found);
    gather::<TargetGroup<'_>>(&mut found);
    gather::<StatusCountsJson>(&mut found);
    gather::<ChecksPage>(&mut found);
    gather::<OutagesPage>(&mut found);
    gather::<history::HistoryPage<'_>>(&mut found);
    gather::<providers::ProvidersPage<'_>>(&mut found);
    gather::<provider_events::ProviderEventsPage>(&mut found);
    gather::<regions::RegionsPage>(&mut found);
    gather::<Lookup<'_>>(&mut found);
    gather::<Reset>(&mut found);
    gather::<notices::NoticesPage>(&mut found);
    gather::<planned::PlannedPage>(&mut found);
    gather::<HttpProblem>(&mut found);
    let mut schemas = Map::new();
    for (name, schema) in found {
        let Ok(mut value) = serde_json::to_value(schema) else { continue };
        require_all(&mut value);
        lift_words(&mut value);
        schemas.insert(name, value);
    }
    let mut given = Vec::new();
    gather::<notices::NewNotice>(&mut given);
    gather::<notices::NewUpdate>(&mut given);
    gather::<planned::NewPlanned>(&mut given);
    gather::<site_writes::NewSite>(&mut given);
    for (name, schema) in given {
        let Ok(mut value) = serde_json::to_value(schema) else { continue };
        let needed =
            WRITES.iter().find(|write| write.body == Some(&*name)).map(|write| write.needed);
        value["required"] = needed.unwrap_or_default().into();
        schemas.entry(name).or_insert(value);
    }
    schemas.extend(agents::schemas().map(|(name, schema)| (name.to_owned(), schema)));
    if let Some(mut part) = schemas.get("Site").cloned() {
        let about =
            "A site with the fields that were asked for; all of `Site` unless asked otherwise.";
        part["description"] = about.into();
        if let Some(fields) = part.as_object_mut() {
            fields.remove("required");
        }
        schemas.insert("SitePart".to_owned(), part);
    }
    schemas
}

fn gather<T: ToSchema + PartialSchema>(into: &mut Vec<(String, RefOr<Schema>)>) {
    into.push((T::name().into_owned(), T::schema()));
    T::schemas(into);
}

/// Problems leave `errors` and `last` out when there are none; all else is always there.
fn require_all(schema: &mut Value) {
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else { return };
    let names: Vec<Value> = fields
        .keys()
        .filter(|name| !["errors", "last"].contains(&name.as_str()))
        .map(|name| name.clone().into())
        .collect();
    schema["required"] = names.into();
}

/// Lifts the description of a nullable field out of its alternatives.
fn lift_words(schema: &mut Value) {
    let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for field in fields.values_mut() {
        let inner = field.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten();
        let mut words = inner.filter_map(|one| one.as_object_mut()?.remove("description"));
        if let Some(words) = words.next() {
            field["description"] = words;
        }
    }
}
