//! The providers that we know: slug, name for people, and the names that their customers' sites
//! are aliases of. Pure.

/// A provider that we know.
pub(super) struct Known {
    pub(super) slug: &'static str,
    name: &'static str,
    /// Ends of names; each begins a label (`fastly.net` is not the end of `notfastly.net`).
    pub(super) aliases: &'static [&'static str],
}

const fn known(slug: &'static str, name: &'static str, aliases: &'static [&'static str]) -> Known {
    Known { slug, name, aliases }
}

/// The table, in the order of the slugs. Ends of names are those that the providers' own manuals
/// tell customers to point their names at.
pub(super) const KNOWN: &[Known] = &[
    known(
        "akamai",
        "Akamai",
        &[
            "akadns.net",
            "akamai.net",
            "akamaiedge.net",
            "akamaihd.net",
            "akamaized.net",
            "edgekey.net",
            "edgesuite.net",
        ],
    ),
    known("alibaba", "Alibaba Cloud", &["alicdn.com", "aliyuncs.com", "kunlunaq.com"]),
    known("apple", "Apple", &["aaplimg.com", "apple-dns.net"]),
    known("automattic", "WordPress.com", &["wordpress.com", "wpvip.com"]),
    known(
        "aws",
        "Amazon Web Services",
        &[
            "amazonaws.com",
            "amplifyapp.com",
            "awsglobalaccelerator.com",
            "cloudfront.net",
            "elasticbeanstalk.com",
            "on.aws",
        ],
    ),
    known(
        "azure",
        "Microsoft Azure",
        &[
            "a-msedge.net",
            "azureedge.net",
            "azurefd.net",
            "azurestaticapps.net",
            "azurewebsites.net",
            "cloudapp.azure.com",
            "cloudapp.net",
            "core.windows.net",
            "t-msedge.net",
            "trafficmanager.net",
        ],
    ),
    known("bunny", "bunny.net", &["b-cdn.net"]),
    known("cloudflare", "Cloudflare", &["cloudflare.net", "pages.dev", "workers.dev"]),
    known("digitalocean", "DigitalOcean", &["ondigitalocean.app"]),
    known("fastly", "Fastly", &["fastly-edge.com", "fastly.net", "fastlylb.net"]),
    known("fly", "Fly.io", &["fly.dev", "flydns.net"]),
    known("gcp", "Google Cloud", &[]),
    known("github", "GitHub", &["github.io"]),
    known(
        "google",
        "Google",
        &[
            "appspot.com",
            "firebaseapp.com",
            "googlehosted.com",
            "googleusercontent.com",
            "l.google.com",
            "run.app",
            "web.app",
        ],
    ),
    known("heroku", "Heroku", &["herokuapp.com", "herokudns.com", "herokussl.com"]),
    known("hetzner", "Hetzner", &[]),
    known("imperva", "Imperva", &["impervadns.net", "incapdns.net"]),
    known("meta", "Meta", &["facebook.com", "fbcdn.net", "whatsapp.net"]),
    known("microsoft", "Microsoft", &[]),
    known("netlify", "Netlify", &["netlify.app", "netlify.com", "netlifyglobalcdn.com"]),
    known("oracle", "Oracle Cloud", &["oraclecloud.com", "oraclecloud.net"]),
    known("ovh", "OVHcloud", &["ovh.net"]),
    known("render", "Render", &["onrender.com"]),
    known("shopify", "Shopify", &["myshopify.com"]),
    known("squarespace", "Squarespace", &["squarespace.com"]),
    known("vercel", "Vercel", &["vercel-dns.com", "vercel.app"]),
    known("wix", "Wix", &["wixdns.net"]),
];

/// Whether we know a provider of this slug.
pub fn is_known(slug: &str) -> bool {
    KNOWN.iter().any(|known| known.slug == slug)
}

/// The name for people of the provider with this slug; one that we do not know is its own name.
pub fn name(slug: &str) -> &str {
    KNOWN.iter().find(|known| known.slug == slug).map_or(slug, |known| known.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_no_alias_is_in_it_twice() {
        assert!(KNOWN.is_sorted_by(|a, b| a.slug < b.slug));
        let mut aliases: Vec<_> = KNOWN.iter().flat_map(|known| known.aliases).collect();
        let all = aliases.len();
        aliases.sort_unstable();
        aliases.dedup();
        assert_eq!(aliases.len(), all);
        assert!(KNOWN.iter().all(|known| crate::model::provider::is_slug(known.slug)));
    }

    #[test]
    fn a_provider_that_we_do_not_know_is_its_own_name() {
        assert_eq!((name("aws"), is_known("aws")), ("Amazon Web Services", true));
        assert_eq!((name("my-cloud"), is_known("my-cloud")), ("my-cloud", false));
    }
}
