//! Uptime Kuma's badge addresses, so that a README needs no edit when its author moves here.
//!
//! Its words, colours and parameters; a number is one of a site's `aliases`, and a slug works as
//! well. Always an image; `N/A` when unknown. `docs/compatibility.md` lists the addresses.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};

use crate::{
    board::LiveSite,
    web::{
        Shared,
        badge::{Badge, Paint, Style, image, typical},
        error::ErrorStatus,
        extractors::params::Params,
        views::{
            numbers::{WINDOWS, uptimes},
            site::SiteView,
        },
    },
};
use model::verdict::Status;

const UP: Paint = Paint::value("#66c20a");
const WARN: Paint = Paint::value("#eed202");
const DOWN: Paint = Paint::value("#c2290a");
const NOT_AVAILABLE: Paint = Paint::value("#999");

/// `GET /api/badge/{id}/…`
pub(in crate::web) async fn badge(
    State(shared): crate::web::AppState,
    path: Result<Path<(String, String)>, PathRejection>,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let params = params.unwrap_or_default();
    let style = Style::read(params.text("style").unwrap_or_default());
    let (id, what) = path.map(|Path(path)| path).unwrap_or_default();
    let view = find(&shared, &id).map(|live| SiteView::new(live, shared.now()));
    let drawn = match &view {
        Some(view) => drawn(&shared, view, &what, &params).await,
        None => None,
    };
    let drawn = drawn.unwrap_or_else(|| Badge::new("", "N/A", NOT_AVAILABLE));
    image(&shared, view.as_ref(), &drawn.styled(style))
}

async fn drawn(shared: &Shared, view: &SiteView, what: &str, params: &Params) -> Option<Badge> {
    let (what, long) = what.split_once('/').unwrap_or((what, "24h"));
    match what {
        "status" => Some(status(view, params)),
        "uptime" => uptime(view, params, long),
        "ping" => latency(shared, view, params, "Ping", long).await,
        "avg-response" => latency(shared, view, params, "Response", long).await,
        "cert-exp" => Some(certificate(view, params)),
        "response" => newest(view, params),
        _ => None,
    }
}

fn find(shared: &Shared, id: &str) -> Option<Arc<LiveSite>> {
    shared.web.board.alias(id).or_else(|| shared.site(id))
}

fn status(view: &SiteView, params: &Params) -> Badge {
    let label = params.text("label").unwrap_or("Status");
    let (word, colour) = match view.status() {
        Status::Up | Status::Slow | Status::Partial => {
            (params.text("upLabel").unwrap_or("Up"), paint(params, "upColor", UP))
        }
        Status::Down => {
            (params.text("downLabel").unwrap_or("Down"), paint(params, "downColor", DOWN))
        }
        Status::Unknown => ("N/A", NOT_AVAILABLE),
    };
    Badge::new(label, word, colour)
}

fn uptime(view: &SiteView, params: &Params, long: &str) -> Option<Badge> {
    let (words, long) = duration(long);
    let place = WINDOWS.iter().position(|(_, window)| long <= *window).unwrap_or(WINDOWS.len() - 1);
    let share = uptimes(&view.live, view.now)[place]?;
    let label = format!("Uptime ({})", suffixed(&words, params));
    let colour = params.text("color").and_then(Paint::read).unwrap_or_else(|| hue(share));
    Some(joined(params, &label, &four_digits(share * 100.0), "%", colour))
}

async fn latency(
    shared: &Shared,
    view: &SiteView,
    params: &Params,
    of: &str,
    long: &str,
) -> Option<Badge> {
    let (words, long) = duration(long);
    let known = typical(shared, view, long).await?;
    let label = format!("Avg. {of} ({})", suffixed(&words, params));
    Some(millis(params, &label, known))
}

fn newest(view: &SiteView, params: &Params) -> Option<Badge> {
    Some(millis(params, "Response", (view.live.latency()? + 500) / 1_000))
}

fn millis(params: &Params, label: &str, value: u32) -> Badge {
    joined(params, label, &value.to_string(), "ms", paint(params, "color", Paint::BLUE))
}

fn certificate(view: &SiteView, params: &Params) -> Badge {
    let Some(end) = view.live.certificate_expires_at() else {
        return Badge::new("", "No/Bad Cert", NOT_AVAILABLE);
    };
    if end <= view.now {
        return Badge::new("", "Bad Cert", paint(params, "downColor", DOWN));
    }
    let days = end.since(view.now).as_secs() / 86_400;
    let limit = |name, usual| params.text(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let colour = if days > limit("warnDays", 14) {
        paint(params, "upColor", UP)
    } else if days > limit("downDays", 7) {
        paint(params, "warnColor", WARN)
    } else {
        paint(params, "downColor", DOWN)
    };
    match params.text("date") {
        Some(_) => joined(params, "Cert Exp.", &end.to_string(), "", colour),
        None => joined(params, "Cert Exp.", &days.to_string(), " days", colour),
    }
}

/// Label and value with what the visitor wants around them.
fn joined(params: &Params, label: &str, value: &str, suffix: &str, colour: Paint) -> Badge {
    let text = |name| params.text(name);
    let label =
        format!("{}{}", text("labelPrefix").unwrap_or_default(), text("label").unwrap_or(label));
    let message = format!(
        "{}{value}{}",
        text("prefix").unwrap_or_default(),
        text("suffix").unwrap_or(suffix)
    );
    let label_colour = text("labelColor").and_then(Paint::read);
    Badge::new(&label, &message, colour).labelled(label_colour)
}

fn paint(params: &Params, name: &str, usual: Paint) -> Paint {
    params.text(name).and_then(Paint::read).unwrap_or(usual)
}

/// A duration as written and as a time: hours, or with `m`, `h`, `d` or `y`; a day when it cannot
/// be read.
fn duration(text: &str) -> (String, Duration) {
    let (number, unit) = match text.strip_suffix(['m', 'h', 'd', 'y']) {
        Some(number) => (number, &text[number.len()..]),
        None => (text, "h"),
    };
    let minutes = match unit {
        "m" => 1,
        "d" => 1_440,
        "y" => 525_600,
        _ => 60,
    };
    match number.parse::<u64>() {
        Ok(number @ 1..=100_000) => {
            (format!("{number}{unit}"), Duration::from_mins(number * minutes))
        }
        _ => ("24h".to_owned(), Duration::from_hours(24)),
    }
}

/// The duration with the unit that the visitor wants.
fn suffixed(words: &str, params: &Params) -> String {
    match params.text("labelSuffix") {
        Some(suffix) => format!("{}{suffix}", words.trim_end_matches(char::is_alphabetic)),
        None => words.to_owned(),
    }
}

/// Four digits, rounded down, so that an outage never reads 100.
fn four_digits(percent: f64) -> String {
    if percent >= 100.0 {
        return "100.0".to_owned();
    }
    let decimals = if percent >= 10.0 { 2 } else { 3 };
    let scale = f64::from(10_u32.pow(decimals));
    let down = (percent * scale + 1e-6).floor() / scale;
    format!("{down:.*}", decimals as usize)
}

/// From red to green, as there: a hue from 10 to 90 degrees, 90 % saturated, 40 % light.
fn hue(share: f64) -> Paint {
    let hue = 10.0 + share.clamp(0.0, 1.0) * 80.0;
    let (strong, weak) = (0.76, 0.04);
    let rising = weak + (strong - weak) * hue / 60.0;
    let falling = weak + (strong - weak) * (120.0 - hue) / 60.0;
    let (red, green) = if hue <= 60.0 { (strong, rising) } else { (falling, strong) };
    let byte = |part: f64| (part * 255.0).round() as u8;
    let css = format!("{:02x}{:02x}{:02x}", byte(red), byte(green), byte(weak));
    Paint::read(&css).unwrap_or(UP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_unless_they_say() {
        let hour = Duration::from_hours(1);
        for (text, words, long) in [
            ("24", "24h", hour * 24),
            ("720h", "720h", hour * 720),
            ("30d", "30d", hour * 720),
            ("1y", "1y", hour * 8_760),
            ("", "24h", hour * 24),
            ("-1", "24h", hour * 24),
            ("99999999999999999999d", "24h", hour * 24),
            ("é", "24h", hour * 24),
        ] {
            assert_eq!(duration(text), (words.to_owned(), long), "{text}");
        }
    }

    #[test]
    fn percents_are_four_digits_and_never_rounded_up() {
        for (percent, want) in [
            (100.0, "100.0"),
            (99.999, "99.99"),
            (98.7654, "98.76"),
            (5.0, "5.000"),
            (0.0, "0.000"),
        ] {
            assert_eq!(four_digits(percent), want);
        }
    }

    #[test]
    fn the_hue_goes_from_red_to_green() {
        // hsl(90, 90%, 40%) and hsl(10, 90%, 40%).
        for (share, css) in [(1.0, "#66c20a"), (0.0, "#c2290a")] {
            assert_eq!(hue(share), Paint::read(css).unwrap());
        }
    }
}
