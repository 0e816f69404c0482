//! The names of providers for people, by their slugs. An unknown slug is its own name.

use serde::Serialize;

/// A provider as the API shows it.
#[derive(Debug, Serialize)]
pub(super) struct Provider<'a> {
    slug: &'a str,
    /// Its name for people.
    pub(super) name: &'a str,
}

/// The provider with this slug.
pub(super) fn provider(slug: &str) -> Provider<'_> {
    let name = match slug {
        "aws" => "Amazon Web Services",
        "azure" => "Microsoft Azure",
        "gcp" | "google" => "Google Cloud",
        "cloudflare" => "Cloudflare",
        "fastly" => "Fastly",
        "akamai" => "Akamai",
        "github" => "GitHub",
        "meta" => "Meta",
        "microsoft" => "Microsoft",
        "ovh" => "OVHcloud",
        "hetzner" => "Hetzner",
        "vercel" => "Vercel",
        "netlify" => "Netlify",
        other => other,
    };
    Provider { slug, name }
}
