//! Merges a file of the operator that was changed on two nodes since both had the same text. Pure.
//!
//! Entries are known by their id, or by the slug or address of a site. Nothing that one side added is lost; where
//! both changed one value, that of the other side counts.

use std::collections::{HashMap, HashSet};

use toml::{Table, Value};

use model::moment::Moment;

/// Key of the list within a notice to which both sides may add.
const UPDATES: &str = "update";

/// The lists of entries with the changes of both sides since `base`.
pub(super) fn merge(base: &Table, mine: &Table, theirs: &Table) -> Table {
    let lists = theirs.keys().chain(mine.keys().filter(|key| !theirs.contains_key(*key)));
    let merged = |key: &String| {
        let [base, mine, theirs] = [base, mine, theirs].map(|side| entries(side.get(key)));
        let all = merged_list(&base, &mine, &theirs).into_iter().map(Value::Table);
        (key.clone(), Value::Array(all.collect()))
    };
    lists.map(merged).collect()
}

fn entries(list: Option<&Value>) -> Vec<Table> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_table).cloned().collect()
}

/// Name by which an entry is the same one on both sides.
fn name(entry: &Table) -> &str {
    ["id", "slug", "url"].iter().find_map(|key| entry.get(*key)?.as_str()).unwrap_or_default()
}

fn by_name(list: &[Table]) -> HashMap<&str, &Table> {
    list.iter().map(|entry| (name(entry), entry)).collect()
}

fn merged_list(base: &[Table], mine: &[Table], theirs: &[Table]) -> Vec<Table> {
    let (before, own, other) = (by_name(base), by_name(mine), by_name(theirs));
    let there = theirs.iter().filter_map(|entry| {
        match (before.get(name(entry)), own.get(name(entry))) {
            // It was removed here.
            (Some(before), None) if *before == entry => None,
            (_, None) => Some(entry.clone()),
            (before, Some(mine)) => Some(merged_entry(before.copied(), mine, entry)),
        }
    });
    // What is here alone is new, or changed since it was removed there.
    let here = mine.iter().filter(|entry| !other.contains_key(name(entry)));
    let kept = here.filter(|entry| before.get(name(entry)) != Some(entry)).cloned();
    there.chain(kept).collect()
}

fn merged_entry(before: Option<&Table>, mine: &Table, theirs: &Table) -> Table {
    let keys = theirs.keys().chain(mine.keys().filter(|key| !theirs.contains_key(*key)));
    let value = |key: &String| {
        let before = before.and_then(|before| before.get(key));
        let (mine, theirs) = (mine.get(key), theirs.get(key));
        let value = match (mine, theirs) {
            (mine, theirs) if mine == before => theirs.cloned(),
            (mine, theirs) if theirs == before => mine.cloned(),
            (Some(mine), Some(theirs)) if key == UPDATES => {
                let [before, mine, theirs] = [before, Some(mine), Some(theirs)].map(entries);
                Some(merged_updates(&before, &mine, theirs))
            }
            (mine, theirs) => theirs.or(mine).cloned(),
        };
        Some((key.clone(), value?))
    };
    keys.filter_map(value).collect()
}

/// Updates of both sides in the order of their moments. Two that were given the same id are two all the same.
fn merged_updates(before: &[Table], mine: &[Table], theirs: Vec<Table>) -> Value {
    let removed = |update: &Table| before.contains(update) && !mine.contains(update);
    let mut all: Vec<Table> = theirs.into_iter().filter(|update| !removed(update)).collect();
    for update in mine {
        if all.contains(update) || before.contains(update) {
            continue;
        }
        let mut update = update.clone();
        let taken: HashSet<&str> = all.iter().map(name).collect();
        if let Some((notice, _)) =
            name(&update).rsplit_once('-').filter(|_| taken.contains(name(&update)))
        {
            let free = (1..).map(|number| format!("{notice}-{number}"));
            let id = free.skip(all.len()).find(|id| !taken.contains(id.as_str()));
            update.insert("id".to_owned(), id.unwrap_or_default().into());
        }
        all.push(update);
    }
    all.sort_by_key(|update| match update.get("at") {
        Some(Value::String(at)) => Moment::parse(at).ok(),
        Some(Value::Datetime(at)) => Moment::parse(&at.to_string()).ok(),
        _ => None,
    });
    Value::Array(all.into_iter().map(Value::Table).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        toml::from_str(text).unwrap()
    }

    /// A list of entries with an id and a value, such as `a=1 b=2`.
    fn list(text: &str) -> Table {
        let entry = |pair: &str| {
            let (id, value) = pair.split_once('=').unwrap();
            format!("[[token]]\nid = \"{id}\"\nvalue = \"{value}\"\n")
        };
        table(&text.split_whitespace().map(entry).collect::<String>())
    }

    #[test]
    fn what_either_side_added_removed_or_changed_is_so_in_the_merged_list() {
        for (what, base, mine, theirs, want) in [
            ("nothing", "a=1", "a=1", "a=1", "a=1"),
            ("added here", "a=1", "a=1 b=1", "a=1", "a=1 b=1"),
            ("added there", "a=1", "a=1", "a=1 c=1", "a=1 c=1"),
            ("added on both sides", "a=1", "a=1 b=1", "a=1 c=1", "a=1 c=1 b=1"),
            ("removed here, added there", "a=1 b=1", "a=1", "a=1 b=1 c=1", "a=1 c=1"),
            ("removed there, added here", "a=1 b=1", "a=1 b=1 c=1", "a=1", "a=1 c=1"),
            ("changed here", "a=1", "a=2", "a=1 c=1", "a=2 c=1"),
            ("changed there", "a=1", "a=1 b=1", "a=3", "a=3 b=1"),
            ("changed on both sides", "a=1", "a=2", "a=3", "a=3"),
            ("changed here, removed there", "a=1 b=1", "a=2 b=1", "b=1", "b=1 a=2"),
            ("removed here, changed there", "a=1 b=1", "b=1", "a=2 b=1", "a=2 b=1"),
            ("no base is known", "", "a=1 b=1", "a=1 c=1", "a=1 c=1 b=1"),
        ] {
            assert_eq!(merge(&list(base), &list(mine), &list(theirs)), list(want), "{what}");
        }
        assert_eq!(merge(&Table::new(), &Table::new(), &Table::new()), Table::new());
    }

    #[test]
    fn updates_of_both_sides_are_kept_in_their_order_each_with_an_id_of_its_own() {
        let notice = |updates: &[(&str, &str)]| {
            let update = |(id, at): &(&str, &str)| {
                format!("[[notice.update]]\nid = \"n-1-{id}\"\nat = \"2026-11-30T10:{at}Z\"\n")
            };
            let updates = updates.iter().map(update).collect::<String>();
            table(&format!("[[notice]]\nid = \"n-1\"\n{updates}"))
        };
        let base = notice(&[("1", "00:00")]);
        let mine = notice(&[("1", "00:00"), ("2", "05:00.500")]);
        let theirs = notice(&[("1", "00:00"), ("2", "07:00"), ("3", "08:00")]);
        let want = notice(&[("1", "00:00"), ("4", "05:00.500"), ("2", "07:00"), ("3", "08:00")]);
        assert_eq!(merge(&base, &mine, &theirs), want);
        // Merged again, as when it could not be written meanwhile, it stays so.
        assert_eq!(merge(&base, &want, &theirs), want);
    }
}
