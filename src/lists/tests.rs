//! A file of each tool, in its own format, with the traps that others fell into: what is left out is told with its
//! reason, nothing becomes its opposite, no usual status is written, and ids live on as aliases.

use super::*;
use crate::config::{Catalogue, Defaults};

mod gatus;
mod hosted;
mod hostile;
mod kuma;
mod openstatus;
mod prometheus;
mod tables;
mod upptime;

fn options(kind: Option<ListKind>) -> ReadOptions<'static> {
    let env = |name: &str| (name == "SHOP_HOST").then(|| "shop.example".to_owned());
    let files = &|_: &str| Err("is not here".to_owned());
    ReadOptions { kind, publish: false, tag_labels: &[], modules: None, env, files }
}

fn list(text: &str) -> ConvertedList {
    read(&[text], &options(None)).unwrap_or_else(|why| panic!("{why}"))
}

fn refused(bytes: &[u8]) -> String {
    read(&[bytes], &options(None)).unwrap_err()
}

/// The sites, one a line, without the line that each begins with.
fn sites(list: &ConvertedList) -> Vec<String> {
    Catalogue::parse(&list.toml, "list", &Defaults::default()).unwrap();
    let blocks = list.toml.trim().split("\n\n");
    blocks
        .map(|block| block.strip_prefix("[[site]]\n").unwrap_or(block).replace('\n', "; "))
        .collect()
}

/// The report without its sum.
fn told(list: &ConvertedList) -> Vec<&str> {
    let (sum, told) = list.report.split_last().unwrap();
    assert!(sum.starts_with("read as "), "{sum}");
    told.iter().map(String::as_str).collect()
}

/// The lines of a report about one item, without its name.
fn line_of<'l>(told: &[&'l str], label: &str) -> Vec<&'l str> {
    let begin = format!("{label}: ");
    told.iter().filter_map(|line| line.strip_prefix(&*begin)).collect()
}
