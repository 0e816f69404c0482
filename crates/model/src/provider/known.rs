//! The known providers: slug, name for people, the names that their customers' sites are aliases
//! of, and their layer in front of or behind a site. Pure.

/// A provider that we know.
pub(super) struct KnownProvider {
    pub(super) slug: &'static str,
    name: &'static str,
    /// Ends of names; each begins a label (`fastly.net` is not the end of `notfastly.net`).
    pub(super) aliases: &'static [&'static str],
}

const fn known(
    slug: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
) -> KnownProvider {
    KnownProvider { slug, name, aliases }
}

/// The table, in the order of the slugs. Name suffixes are those that the providers' own manuals
/// tell customers to point their names at.
pub(super) const KNOWN: &[KnownProvider] = &[
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
    known("amazon-ca", "Amazon Trust Services", &[]),
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
    known("buypass", "Buypass", &[]),
    known("certum", "Certum", &[]),
    known("cloudflare", "Cloudflare", &["cloudflare.net", "pages.dev", "workers.dev"]),
    known("cloudns", "ClouDNS", &[]),
    known("digicert", "DigiCert", &[]),
    known("digitalocean", "DigitalOcean", &["ondigitalocean.app"]),
    known("dnsimple", "DNSimple", &[]),
    known("dnsmadeeasy", "DNS Made Easy", &[]),
    known("dyn", "Dyn", &[]),
    known("easydns", "easyDNS", &[]),
    known("entrust", "Entrust", &[]),
    known("fastly", "Fastly", &["fastly-edge.com", "fastly.net", "fastlylb.net"]),
    known("fly", "Fly.io", &["fly.dev", "flydns.net"]),
    known("gandi", "Gandi", &[]),
    known("gcp", "Google Cloud", &[]),
    known("github", "GitHub", &["github.io"]),
    known("globalsign", "GlobalSign", &[]),
    known("godaddy", "GoDaddy", &[]),
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
    known("google-trust", "Google Trust Services", &[]),
    known("heroku", "Heroku", &["herokuapp.com", "herokudns.com", "herokussl.com"]),
    known("hetzner", "Hetzner", &[]),
    known("imperva", "Imperva", &["impervadns.net", "incapdns.net"]),
    known("ionos", "IONOS", &[]),
    known("leaseweb", "Leaseweb", &[]),
    known("letsencrypt", "Let's Encrypt", &[]),
    known("linode", "Akamai Cloud (Linode)", &[]),
    known("meta", "Meta", &["facebook.com", "fbcdn.net", "whatsapp.net"]),
    known("microsoft", "Microsoft", &[]),
    known("namecheap", "Namecheap", &[]),
    known("netlify", "Netlify", &["netlify.app", "netlify.com", "netlifyglobalcdn.com"]),
    known("nsone", "NS1", &[]),
    known("oracle", "Oracle Cloud", &["oraclecloud.com", "oraclecloud.net"]),
    known("ovh", "OVHcloud", &["ovh.net"]),
    known("render", "Render", &["onrender.com"]),
    known("sectigo", "Sectigo", &[]),
    known("shopify", "Shopify", &["myshopify.com"]),
    known("squarespace", "Squarespace", &["squarespace.com"]),
    known("ssl-com", "SSL.com", &[]),
    known("swisssign", "SwissSign", &[]),
    known("transip", "TransIP", &[]),
    known("ultradns", "UltraDNS", &[]),
    known("vercel", "Vercel", &["vercel-dns.com", "vercel.app"]),
    known("wix", "Wix", &["wixdns.net"]),
    known("zerossl", "ZeroSSL", &[]),
];

/// Layer of a provider in front of or behind a site: it decides whose failures the provider shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProviderLayer {
    /// Before the servers of others, as a CDN or a platform on a cloud is: it shows their failures
    /// as well as its own.
    Front,
    /// The servers themselves, which may stand behind any front.
    Cloud,
    /// Neither, or not known.
    Other,
}

const FRONTS: [&str; 10] = [
    "akamai",
    "bunny",
    "cloudflare",
    "fastly",
    "heroku",
    "imperva",
    "netlify",
    "render",
    "shopify",
    "vercel",
];
const CLOUDS: [&str; 12] = [
    "alibaba",
    "aws",
    "azure",
    "digitalocean",
    "gcp",
    "google",
    "hetzner",
    "ionos",
    "leaseweb",
    "linode",
    "oracle",
    "ovh",
];
/// They answer for the names of what they serve: of their own sites, or of their customers', who get both from
/// them.
const OWN_NAMES: [&str; 20] = [
    "apple",
    "bunny",
    "cloudflare",
    "cloudns",
    "dnsimple",
    "dnsmadeeasy",
    "dyn",
    "easydns",
    "gandi",
    "godaddy",
    "google",
    "ionos",
    "meta",
    "microsoft",
    "namecheap",
    "nsone",
    "squarespace",
    "transip",
    "ultradns",
    "wix",
];

/// Layer of the provider with this slug.
pub(super) fn layer(slug: &str) -> ProviderLayer {
    match slug {
        _ if FRONTS.contains(&slug) => ProviderLayer::Front,
        _ if CLOUDS.contains(&slug) => ProviderLayer::Cloud,
        _ => ProviderLayer::Other,
    }
}

/// Returns whether the provider with this slug answers for the names of what it serves.
pub(super) fn runs_its_own_names(slug: &str) -> bool {
    OWN_NAMES.contains(&slug)
}

/// Returns whether sites below this registered name are not of one customer of the provider: the name is the
/// provider's own or one that it gives to its customers, or the provider is known to the operator alone.
pub(super) fn shares_its_name(slug: &str, registered: &str) -> bool {
    let own = registered.split('.').next() == Some(slug);
    let given = |alias: &&str| {
        let before = alias.strip_suffix(registered);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let known = KNOWN.iter().find(|known| known.slug == slug);
    own || known.is_none_or(|known| known.aliases.iter().any(given))
}

/// Returns whether we know a provider of this slug.
pub fn is_known(slug: &str) -> bool {
    KNOWN.iter().any(|known| known.slug == slug)
}

/// The slugs of the providers that we know, in order.
pub fn known_slugs() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.slug)
}

/// Display name of the provider with this slug; an unknown slug is its own name.
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
        assert!(KNOWN.iter().all(|known| crate::provider::is_slug(known.slug)));
    }

    #[test]
    fn fronts_clouds_and_who_runs_its_own_names_are_providers_that_we_know() {
        for slug in FRONTS.iter().chain(&CLOUDS).chain(&OWN_NAMES) {
            assert!(is_known(slug), "{slug}");
        }
        assert_eq!((layer("fastly"), layer("aws")), (ProviderLayer::Front, ProviderLayer::Cloud));
        assert_eq!(layer("my-cloud"), ProviderLayer::Other);
    }

    #[test]
    fn sites_below_one_name_are_one_customer_unless_the_name_is_the_providers() {
        for (slug, registered, shared) in [
            ("fastly", "reddit.com", false),
            ("cloudflare", "openai.com", false),
            ("cloudflare", "cloudflare.com", true),
            ("google", "google.com", true),
            ("apple", "apple.com", true),
            ("heroku", "herokuapp.com", true),
            ("github", "github.io", true),
            ("azure", "windows.net", true),
            ("aws", "on.aws", true),
            ("cloudflare", "myshopify.com", false),
            ("fastly", "astly.net", false),
            ("our-cloud", "example.com", true),
        ] {
            assert_eq!(shares_its_name(slug, registered), shared, "{slug} {registered}");
        }
    }

    #[test]
    fn a_provider_that_we_do_not_know_is_its_own_name() {
        assert_eq!((name("aws"), is_known("aws")), ("Amazon Web Services", true));
        assert_eq!((name("my-cloud"), is_known("my-cloud")), ("my-cloud", false));
    }
}
