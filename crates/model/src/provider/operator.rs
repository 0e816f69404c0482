//! DNS operators by the names of their name servers, and certificate authorities by issuer. Pure.

use super::{MAX_SLUG_LENGTH, is_slug};

/// Ends of the names of name servers; each begins a label.
const NAME_SERVERS: &[(&str, &str)] = &[
    ("akam.net", "akamai"),
    ("akamaiedge.net", "akamai"),
    ("akamaistream.net", "akamai"),
    ("alidns.com", "alibaba"),
    ("apple.com", "apple"),
    ("azure-dns.com", "azure"),
    ("azure-dns.info", "azure"),
    ("azure-dns.net", "azure"),
    ("azure-dns.org", "azure"),
    ("cloudns.net", "cloudns"),
    ("digitalocean.com", "digitalocean"),
    ("dnsimple-edge.org", "dnsimple"),
    ("dnsimple.com", "dnsimple"),
    ("dnsmadeeasy.com", "dnsmadeeasy"),
    ("domaincontrol.com", "godaddy"),
    ("dynect.net", "dyn"),
    ("easydns.com", "easydns"),
    ("easydns.net", "easydns"),
    ("easydns.org", "easydns"),
    ("facebook.com", "meta"),
    ("gandi.net", "gandi"),
    ("google.com", "google"),
    ("googledomains.com", "google"),
    ("hetzner.com", "hetzner"),
    ("hetzner.de", "hetzner"),
    ("hichina.com", "alibaba"),
    ("linode.com", "linode"),
    ("microsoftonline.com", "microsoft"),
    ("msft.net", "microsoft"),
    ("ns.cloudflare.com", "cloudflare"),
    ("nsone.net", "nsone"),
    ("oraclecloud.net", "oracle"),
    ("ovh.ca", "ovh"),
    ("ovh.net", "ovh"),
    ("p.dyn.com", "dyn"),
    ("registrar-servers.com", "namecheap"),
    ("secondary.cloudflare.com", "cloudflare"),
    ("second-ns.com", "hetzner"),
    ("second-ns.de", "hetzner"),
    ("squarespacedns.com", "squarespace"),
    ("transip.eu", "transip"),
    ("transip.net", "transip"),
    ("transip.nl", "transip"),
    ("ui-dns.biz", "ionos"),
    ("ui-dns.com", "ionos"),
    ("ui-dns.de", "ionos"),
    ("ui-dns.org", "ionos"),
    ("ultradns.biz", "ultradns"),
    ("ultradns.com", "ultradns"),
    ("ultradns.info", "ultradns"),
    ("ultradns.net", "ultradns"),
    ("ultradns.org", "ultradns"),
    ("vercel-dns.com", "vercel"),
    ("wixdns.net", "wix"),
    ("wordpress.com", "automattic"),
    ("your-server.de", "hetzner"),
];

/// Words of the organisation, or else of the name, of an issuer, in lower case.
const ISSUERS: &[(&str, &str)] = &[
    ("let's encrypt", "letsencrypt"),
    ("digicert", "digicert"),
    ("geotrust", "digicert"),
    ("rapidssl", "digicert"),
    ("thawte", "digicert"),
    ("quovadis", "digicert"),
    ("zerossl", "zerossl"),
    ("sectigo", "sectigo"),
    ("comodo", "sectigo"),
    ("usertrust", "sectigo"),
    ("google trust services", "google-trust"),
    ("amazon", "amazon-ca"),
    ("globalsign", "globalsign"),
    ("godaddy", "godaddy"),
    ("starfield", "godaddy"),
    ("entrust", "entrust"),
    ("microsoft", "microsoft"),
    ("buypass", "buypass"),
    ("ssl.com", "ssl-com"),
    ("ssl corp", "ssl-com"),
    ("swisssign", "swisssign"),
    ("certum", "certum"),
    ("asseco", "certum"),
    ("unizeto", "certum"),
    ("apple", "apple"),
    ("cloudflare", "cloudflare"),
];

/// The slug of who runs these name servers; `None` where that is more than one, so that none of
/// them alone can make the name fail.
pub fn of_name_servers<'n>(servers: impl IntoIterator<Item = &'n str>) -> Option<Box<str>> {
    let mut operators = servers.into_iter().map(of_name_server);
    let first = operators.next()??;
    operators.all(|other| other.as_deref() == Some(&*first)).then_some(first)
}

fn of_name_server(server: &str) -> Option<Box<str>> {
    let name = server.trim_end_matches('.').to_ascii_lowercase();
    let owns = |end: &str| {
        let before = name.strip_suffix(end);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    if let Some((_, slug)) = NAME_SERVERS.iter().find(|(end, _)| owns(end)) {
        return Some((*slug).into());
    }
    // Amazon's are under names of their own: ns-1411.awsdns-48.org.
    if name.split('.').any(|label| label.starts_with("awsdns-")) {
        return Some("aws".into());
    }
    registered(&name)
}

/// The registered name of a name server, as a slug: `ns1.example.co.uk` is `example-co-uk`.
fn registered(name: &str) -> Option<Box<str>> {
    let labels: Vec<&str> = name.split('.').collect();
    let [.., second, last] = labels.as_slice() else { return None };
    // A short label before a country is a class under which that country registers names.
    let long = last.len() == 2 && second.len() <= 3 && labels.len() > 2;
    let own = labels.get(labels.len().checked_sub(if long { 3 } else { 2 })?..)?;
    let slug: String = own.join("-").chars().take(MAX_SLUG_LENGTH).collect();
    is_slug(&slug).then(|| slug.into())
}

/// The slug of the authority of this issuer (`C=US, O=Let's Encrypt, CN=R11`).
pub fn authority(issuer: &str) -> Option<&'static str> {
    let issuer = issuer.to_lowercase().replace('\u{2019}', "'");
    ISSUERS.iter().find(|(words, _)| issuer.contains(words)).map(|(_, slug)| *slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_of_a_name_is_who_runs_all_of_its_name_servers() {
        for (servers, want) in [
            (&["ns-1411.awsdns-48.org.", "ns-3.awsdns-00.com."][..], Some("aws")),
            (&["lia.ns.cloudflare.com"], Some("cloudflare")),
            (&["NS1.P16.DYNECT.NET", "ns2.p16.dynect.net"], Some("dyn")),
            (&["ns1.p16.dynect.net", "dns1.p08.nsone.net"], None),
            (&["ns1.notdynect.net"], Some("notdynect-net")),
            (&["ns1.example.co.uk", "ns2.example.co.uk"], Some("example-co-uk")),
            (&["ns1.example.nl"], Some("example-nl")),
            (&["a.ns.facebook.com", "d.ns.facebook.com"], Some("meta")),
            (&["ns1-01.azure-dns.com", "ns2-01.azure-dns.net"], Some("azure")),
            (&["localhost"], None),
            (&["ns1.bad name!.example"], None),
            (&[".."], None),
            (&[], None),
        ] {
            let found = of_name_servers(servers.iter().copied());
            assert_eq!(found.as_deref(), want, "{servers:?}");
        }
    }

    #[test]
    fn an_authority_is_known_by_its_issuer() {
        for (issuer, want) in [
            ("C=US, O=Let's Encrypt, CN=R11", Some("letsencrypt")),
            ("R3, Let\u{2019}s Encrypt", Some("letsencrypt")),
            ("C=US, O=DigiCert Inc, CN=GeoTrust TLS RSA CA G1", Some("digicert")),
            ("C=GB, O=Sectigo Limited, CN=Sectigo RSA", Some("sectigo")),
            ("C=US, O=Google Trust Services, CN=WE1", Some("google-trust")),
            ("O=Amazon, CN=Amazon RSA 2048 M02", Some("amazon-ca")),
            ("GlobalSign nv-sa", Some("globalsign")),
            ("CN=my own", None),
            ("", None),
        ] {
            assert_eq!(authority(issuer), want, "{issuer}");
        }
    }

    #[test]
    fn both_tables_name_providers_that_we_know() {
        for (key, slug) in NAME_SERVERS.iter().chain(ISSUERS) {
            assert!(crate::provider::is_known(slug), "{slug}");
            assert_eq!(*key, key.to_lowercase());
        }
    }
}
