//! Figures from `/metrics`.

use std::collections::HashMap;

/// All figures of one moment, by name and labels.
#[derive(Clone, Default)]
pub(crate) struct Metrics(HashMap<String, f64>);

impl Metrics {
    pub(crate) fn read(text: &str) -> Self {
        let figures = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self(figures.collect())
    }

    /// The sum of all values of this name whose labels contain this.
    pub(crate) fn sum(&self, name: &str, with: &str) -> f64 {
        let wanted = |key: &&String| {
            key.strip_prefix(name).is_some_and(|labels| {
                (labels.is_empty() || labels.starts_with('{')) && labels.contains(with)
            })
        };
        self.0.keys().filter(wanted).map(|key| self.0[key]).sum()
    }

    /// The bound below which this share of the observations since `before` lies, in seconds.
    pub(crate) fn quantile(&self, before: &Self, name: &str, with: &str, share: f64) -> f64 {
        let bucket = format!("{name}_bucket");
        let mut edges: Vec<(f64, f64)> = Vec::new();
        for key in self.0.keys().filter(|key| key.starts_with(&bucket) && key.contains(with)) {
            let edge = key.split("le=\"").nth(1).and_then(|rest| rest.split('"').next());
            let edge = match edge {
                Some("+Inf") | None => f64::INFINITY,
                Some(edge) => edge.parse().unwrap_or(f64::INFINITY),
            };
            edges.push((edge, self.0[key] - before.0.get(key).copied().unwrap_or(0.0)));
        }
        edges.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all = edges.last().map_or(0.0, |(_, count)| *count);
        let found = edges.iter().find(|(_, count)| all > 0.0 && *count >= all * share);
        found.map_or(f64::NAN, |(edge, _)| *edge)
    }
}
