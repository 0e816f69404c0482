//! Every form in which a provider publishes its list, cut short, and what is no such list.

use super::*;

fn read(text: &str) -> Result<Ranges, Vec<String>> {
    let mut ranges = Ranges::default();
    match ranges.add_published("them", text) {
        Ok(()) => Ok(ranges),
        Err(wrong) => Err(wrong.iter().map(|bad| format!("{}: {bad}", bad.line)).collect()),
    }
}

#[test]
fn each_form_is_read_as_it_is_published() {
    for (whose, text, count, inside) in [
        (
            "AWS, ip-ranges.json",
            r#"{"syncToken": "1700000000", "createDate": "2024-01-02-03-04-05", "prefixes": [
                {"ip_prefix": "3.4.12.4/32", "region": "eu-west-1", "service": "AMAZON",
                 "network_border_group": "eu-west-1"},
                {"ip_prefix": "52.216.0.0/15", "region": "us-east-1", "service": "S3",
                 "network_border_group": "us-east-1"}],
              "ipv6_prefixes": [{"ipv6_prefix": "2600:9000::/28", "region": "GLOBAL",
                 "service": "CLOUDFRONT", "network_border_group": "GLOBAL"}]}"#,
            3,
            "52.217.1.1",
        ),
        ("Cloudflare, ips-v4", "173.245.48.0/20\n103.21.244.0/22\n", 2, "103.21.245.1"),
        ("Cloudflare, ips-v6", "2400:cb00::/32\r\n2606:4700::/32", 2, "2606:4700::1"),
        (
            "Cloudflare, its API",
            r#"{"result": {"ipv4_cidrs": ["199.27.128.0/21"], "ipv6_cidrs": ["2400:cb00::/32"],
                "etag": "a8e453d9d129a3769407127936edfdb0"}, "success": true, "errors": [],
                "messages": null}"#,
            2,
            "199.27.129.1",
        ),
        (
            "Google, goog.json",
            r#"{"syncToken": "1700000000000", "creationTime": "2024-01-02T03:04:05.67890",
                "prefixes": [{"ipv4Prefix": "8.8.4.0/24"}, {"ipv6Prefix": "2001:4860::/32",
                "service": "Google Cloud", "scope": "us-central1"}]}"#,
            2,
            "8.8.4.4",
        ),
        (
            "Azure, ServiceTags_Public.json",
            r#"{"changeNumber": 300, "cloud": "Public", "values": [{"name": "AzureFrontDoor",
                "id": "AzureFrontDoor", "properties": {"changeNumber": 7, "region": "",
                "platform": "Azure", "addressPrefixes": ["13.107.213.0/24", "2620:1ec:bdf::/48"],
                "networkFeatures": ["API", "NSG"]}}]}"#,
            2,
            "13.107.213.9",
        ),
        (
            "Fastly",
            r#"{"addresses": ["23.235.32.0/20"], "ipv6_addresses": ["2a04:4e40::/32"]}"#,
            2,
            "2a04:4e40::1",
        ),
        (
            "GitHub, meta",
            r#"{"verifiable_password_authentication": false, "ssh_key_fingerprints":
                {"SHA256_RSA": "uNiVztksCsDhcc0u9e8BrQ/XVUpKZIDTMczCvj3tD2s"}, "ssh_keys":
                ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"], "web": ["192.30.252.0/22", "20.201.28.151/32"],
                "api": ["192.30.252.0/22"], "domains": {"website": ["*.github.com"]}}"#,
            2,
            "192.30.253.1",
        ),
        (
            "Oracle",
            r#"{"last_updated_timestamp": "2024-01-02T03:04:05.678901", "regions": [{"region":
                "us-phoenix-1", "cidrs": [{"cidr": "129.146.0.0/21", "tags": ["OCI"]}]}]}"#,
            1,
            "129.146.7.1",
        ),
        (
            "a geofeed",
            "# of RFC 8805\n5.101.96.0/21,NL,NL-NH,Amsterdam,1098 XH\n2604:a880::/32,US,,,\n\n",
            2,
            "5.101.97.1",
        ),
        ("single addresses", "\u{feff}192.0.2.1\n2001:db8::1 # one\n", 2, "2001:db8::1"),
    ] {
        let ranges = read(text).unwrap_or_else(|wrong| panic!("{whose}: {wrong:?}"));
        assert_eq!(ranges.len(), count, "{whose}");
        assert_eq!(ranges.of(inside.parse().unwrap()), Some("them"), "{whose}");
        assert_eq!(ranges.of("198.51.100.1".parse().unwrap()), None, "{whose}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let block = |text: &str| {
        format!("{text:?} is not a block of addresses; a block is such as \"52.216.0.0/15\"")
    };
    for (text, want) in [
        ("", "1: there is no block of addresses in it; is it the right file?".to_owned()),
        ("{}", "1: there is no block of addresses in it; is it the right file?".to_owned()),
        ("192.0.2.0/24\nhello\n", format!("2: {}", block("hello"))),
        ("192.0.2.0/33\n", format!("1: {}", block("192.0.2.0/33"))),
        ("192.0.2.0/+8\n", format!("1: {}", block("192.0.2.0/+8"))),
        ("aws 192.0.2.0/24\n", format!("1: {}", block("aws 192.0.2.0/24"))),
        ("<html>Not found</html>", format!("1: {}", block("<html>Not found</html>"))),
        ("{\"a\": [\n\"192.0.2.0/24\",\n\"192.0.2.999/24\"]}", {
            format!("3: {}", block("192.0.2.999/24"))
        }),
        ("[\"2001:db8::/129\"]", format!("1: {}", block("2001:db8::/129"))),
    ] {
        assert_eq!(read(text).unwrap_err(), [want], "{text:?}");
    }
    let told = read("{\"a\": [\n\"192.0.2.0/24\"").unwrap_err();
    assert!(told[0].starts_with("2: this JSON cannot be read: EOF while parsing a list"));
    let told = read("{\"a\": \"192.0.2.0/24\"} and more").unwrap_err();
    assert!(told[0].starts_with("1: this JSON cannot be read: trailing characters"), "{told:?}");
}

#[test]
fn hostile_lists_end_in_words() {
    let deep = "[".repeat(1_000_000);
    assert!(read(&deep).unwrap_err()[0].contains("recursion limit exceeded"));
    let wrong = "[".to_owned() + &"\"1.2.3.4/99\",".repeat(10_000) + "0]";
    assert_eq!(read(&wrong).unwrap_err().len(), 100);
    let one = |n: u32| std::net::Ipv4Addr::from(0x0a00_0000 + n).to_string();
    let many = (0..500_001).map(one).collect::<Vec<_>>().join("\n");
    assert_eq!(read(&many).unwrap_err(), ["500001: there are more than 500000 blocks"]);
}

#[test]
fn the_longest_block_decides_across_lists_and_of_equal_ones_the_last() {
    let mut ranges = Ranges::parse("whole 52.0.0.0/8\nmine 52.1.2.0/24\n").unwrap();
    ranges.add_published("aws", "{\"p\": [\"52.1.0.0/16\", \"52.0.0.0/8\"]}").unwrap();
    for (address, want) in [("52.1.2.3", "mine"), ("52.1.3.3", "aws"), ("52.9.9.9", "aws")] {
        assert_eq!(ranges.of(address.parse().unwrap()), Some(want), "{address}");
    }
    assert_eq!(ranges.len(), 3);
    let json = "{\"prefixes\": []}";
    let told = Ranges::parse(json).unwrap_err();
    assert_eq!(
        told[0].to_string(),
        "this is JSON, which does not say whose it is; write \"aws=FILE\""
    );
}
