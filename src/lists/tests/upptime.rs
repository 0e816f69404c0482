//! Upptime: the sites of a repository.

use super::*;

#[test]
fn the_sites_of_upptime_are_read() {
    let list = list(
        "owner: me\nrepo: status\nsites:\n  - name: My Blog!\n    url: https://blog.example\n    maxResponseTime: 2000\n    \
         expectedStatusCodes: [200, 301]\n    requestTimeout: 20\n    __dangerous__body_down_if_text_missing: Archive\n    \
         tags: [Team A]\n  - name: Usual\n    url: https://usual.example\n    maxResponseTime: 60000\n    headers:\n      \
         - 'Authorization: Bearer swordfish'\n      - 'Content-Type: text/plain'\n  - name: Secret\n    url: $SECRET_URL\n  \
         - name: Port\n    url: port.example\n    check: tcp-ping\n    port: 22\n  - name: Bad\n    slug: bad-one\n    \
         url: https://bad.example\n    __dangerous__body_down: oops\n    __dangerous__insecure: true\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://blog.example\"; name = \"My Blog!\"; timeout = \"20s\"; slow_after = \"2s\"; \
             expect_status = [\"200\", \"301\"]; expect_text = \"Archive\"; tags = [\"team-a\"]; aliases = [\"my-blog\"]",
            "url = \"https://usual.example\"; name = \"Usual\"; headers = { \"Authorization\" = \
             { env = \"STILLUP_USUAL_EXAMPLE_AUTHORIZATION\" }, \"Content-Type\" = \"text/plain\" }; aliases = [\"usual\"]",
            "url = \"https://bad.example\"; name = \"Bad\"; forbid_text = \"oops\"; aliases = [\"bad-one\"]",
        ]
    );
    let told = told(&list);
    assert!(
        told.iter().any(|line| line.starts_with("Secret: left out: a value in it is a secret")),
        "{told:#?}"
    );
    assert!(told.contains(&"Port: left out: it is checked by tcp-ping, not by http"), "{told:#?}");
    assert!(!list.toml.contains("swordfish"));
}

#[test]
fn upptime_keeps_the_names_of_its_badges_and_no_secret_of_its_repository() {
    let list = list(
        "owner: koj\nrepo: status\nuser-agent: koj\nsites:\n  - name: Google & Co.\n    url: https://www.google.example\n    icon: https://i.example/x.png\n  \
         - name: Hidden\n    url: https://h.example/?token=$TOKEN\n  - name: Dollar\n    url: https://d.example/price\n    \
         __dangerous__body_down_if_text_missing: 'costs $5'\n    expectedStatusCodes: [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308]\n  \
         - name: Ping\n    url: https://p.example\n    type: globalping\n    location: London\n  - name: Mail\n    url: mail.example\n    check: tcp-ping\n    port: 25\n  \
         - name: Post\n    url: https://post.example\n    method: POST\n    body: '{\"q\":1}'\n    headers: ['Authorization: Basic swordfish', 'X-Broken']\n    maxRedirects: 0\n",
    );
    let sites = sites(&list);
    assert_eq!(
        sites[0],
        "url = \"https://www.google.example\"; name = \"Google & Co.\"; aliases = [\"google-and-co\"]"
    );
    assert!(sites[1].contains("expect_text = \"costs $5\""), "{sites:?}");
    assert!(
        sites
            .iter()
            .any(|site| site.contains("method = \"POST\"") && site.contains("max_redirects = 0"))
    );
    let told = told(&list);
    for (label, why) in [
        ("Google & Co.", "without icon, which has no match here"),
        ("Hidden", "left out: a value in it is a secret of its repository"),
        ("Ping", "without type, which has no match here"),
        ("Mail", "left out: it is checked by tcp-ping, not by http"),
        ("Post", "without its header \"X-Broken\""),
        ("Post", "its body is written as it is"),
    ] {
        let lines = line_of(&told, label);
        assert!(lines.iter().any(|line| line.starts_with(why)), "{label}: {told:#?}");
    }
    assert!(!list.toml.contains("swordfish"));
}

#[test]
fn the_usual_statuses_of_upptime_written_out_are_usual_and_slugs_are_made_as_it_makes_them() {
    let list = list(
        "sites:\n  - name: GitHub APIs v2\n    url: https://a.example\n    \
         expectedStatusCodes: [200,201,202,203,204,205,206,207,208,226,300,301,302,303,304,305,306,307,308]\n  \
         - {name: 'R&D HTTPServer', url: 'https://b.example', expectedStatusCodes: 404, headers: {X-Key: swordfish}}\n  \
         - {name: 'Ünï', url: 'https://c.example', requestTimeout: soon, maxRetries: 3, tags: 'a, b'}\n  \
         - {name: Lower, url: 'https://d.example/$token_path'}\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://a.example\"; name = \"GitHub APIs v2\"; aliases = [\"git-hub-apis-v2\"]",
            "url = \"https://b.example\"; name = \"R&D HTTPServer\"; expect_status = [\"404\"]; headers = { \"X-Key\" = \
             { env = \"STILLUP_B_EXAMPLE_X_KEY\" } }; aliases = [\"r-and-d-http-server\"]",
            "url = \"https://c.example\"; name = \"Ünï\"; tags = [\"a\", \"b\"]",
        ]
    );
    let told = told(&list);
    for want in [
        "Ünï: without its slug, since letters of its name are others there",
        "Ünï: without timeout \"soon\", which is no duration",
        "Ünï: without maxRetries, which has no match here",
    ] {
        assert!(told.contains(&want), "{want}: {told:#?}");
    }
    assert!(told.iter().any(|line| line.starts_with("Lower: left out: a value in it is a secret")));
}
