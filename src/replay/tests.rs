//! Small stories, played as fast as possible: the effect of each word of a scene.

use super::*;

const HEAD: &str = "begins = \"2021-10-04T15:00:00Z\"\nends = \"2021-10-04T16:30:00Z\"\n\
                    usual = \"after 120ms\"\n";

/// Sites a.example and so on, with these keys for the first.
fn sites(count: u8, keys: &str) -> String {
    let names = (b'a'..b'a' + count).map(char::from);
    let site = |name: char| {
        let keys = if name == 'a' { keys } else { "" };
        format!("[[site]]\nurl = \"https://{name}.example/\"\n{keys}\n")
    };
    names.map(site).collect()
}

/// Plays a story; what is not as it expects.
async fn unmet(text: &str) -> Vec<String> {
    let story = Story::parse(text, "story.toml", &understands).unwrap();
    check(story).await.unwrap()
}

async fn holds(site: &str, rest: &str) {
    let text = format!("{HEAD}{}{rest}", sites(3, site));
    assert_eq!(unmet(&text).await, [""; 0], "{rest}");
}

fn scene(does: &str) -> String {
    format!("[[scene]]\nat = \"15:30\"\nsites = [\"a.example\"]\n{does}\n")
}

fn expect(what: &str) -> String {
    format!("[[expect]]\nat = \"15:50\"\nsite = \"a.example\"\n{what}\n")
}

#[tokio::test]
async fn name_servers_that_answer_late_are_late_and_no_failure() {
    let story = scene("does = \"dns after 2s\"") + &expect("status = \"slow\"\ndowns = 0");
    holds("", &story).await;
}

#[tokio::test]
async fn what_hangs_is_told_with_the_time_that_it_would_have_had_in_life() {
    let story =
        scene("does = \"blackhole\"") + &expect("status = \"down\"\nsays = \"within 10 s\"");
    holds("", &story).await;
    let story = scene("does = \"blackhole\"") + &expect("says = \"within 30 s\"");
    holds("timeout = \"30s\"", &story).await;
    let story = scene("does = \"hang-after-request\"")
        + &expect("status = \"down\"\nfailure = \"timeout\"\nsays = \"within 4 s\"");
    holds("timeout = \"4s\"", &story).await;
}

#[tokio::test]
async fn certificates_are_of_the_days_of_the_story() {
    let story = expect("status = \"up\"")
        + "[[expect]]\nat = \"16:10\"\nsite = \"a.example\"\n\
                 status = \"down\"\nfailure = \"tls\"\nsays = \"2021-10-04\"\n";
    holds("expires = \"2021-10-04T16:00:00Z\"", &story).await;
    let story = story
        + "[[scene]]\nat = \"16:20\"\nsites = [\"a.example\"]\ndoes = \"cert good\"\n\
           [[expect]]\nat = \"16:25\"\nsite = \"a.example\"\nstatus = \"up\"\n";
    holds("expires = \"2021-10-04T16:00:00Z\"", &story).await;
    let story = scene("does = \"cert expired\"") + &expect("says = \"2021-10-03\"");
    holds("", &story).await;
}

#[tokio::test]
async fn addresses_and_families_behave_each_as_it_is_told() {
    let two = scene("does = [\"address 1: refuse\"]") + &expect("status = \"up\"");
    holds("addresses = 2\ndns = \"turns\"", &two).await;
    let both = scene("does = [\"ipv4: status 502\", \"ipv6: status 502\"]")
        + &expect("status = \"down\"\nfailure = \"http\"");
    holds("addresses = 2\nipv6 = true", &both).await;
}

#[tokio::test]
async fn bodies_and_headers_are_seen() {
    let keys = "expect_text = \"Good day\"";
    let story =
        scene("body = \"Nothing here.\"") + &expect("status = \"down\"\nfailure = \"body\"");
    let text = format!("{HEAD}{}{story}", sites(2, keys));
    let text = text.replacen(keys, &format!("{keys}\nusual = \"after 100ms\""), 1);
    assert_eq!(unmet(&text).await, [""; 0]);
    let story = scene("page = \"akamai-denied\"") + &expect("status = \"up\"\nsays = \"Akamai\"");
    holds("", &story).await;
    let story = scene("does = \"redirect https://b.example/\"") + &expect("status = \"up\"");
    holds("", &story).await;
}

/// Everything our own connection or name servers can do to all sites and canaries.
const OURS: [&str; 12] = [
    "our_line = \"cut\"",
    "our_line = \"refused\"",
    "our_line = \"reset\"",
    "our_line = \"nxdomain\"",
    "our_line = \"one-certificate\"",
    "our_line = \"status 503\"",
    "our_line = \"slow 3s\"",
    "our_line = \"redirect https://portal.example.net/\"",
    "name_servers = \"silent\"",
    "name_servers = \"servfail\"",
    "name_servers = \"nxdomain\"",
    "name_servers = \"slow 2s\"",
];

#[tokio::test]
async fn while_our_own_side_fails_we_do_not_know_and_no_outage_is_written_down() {
    let names: Vec<String> = (b'a'..=b'p').map(|n| char::from(n).to_string().repeat(2)).collect();
    let site = |name: &String| format!("[[site]]\nurl = \"https://{name}.example/\"\n");
    let sites: String = names.iter().map(site).collect();
    let slugs: Vec<String> = names.iter().map(|name| format!("\"{name}.example\"")).collect();
    let slugs = slugs.join(", ");
    for key in OURS {
        let text = format!(
            "{HEAD}{sites}[[scene]]\nat = \"15:30\"\n{key}\n[[scene]]\nat = \"15:45\"\n\
             our_line = \"ok\"\nname_servers = \"ok\"\n\
             [[expect]]\nat = \"15:44\"\nsites = [{slugs}]\nstatus = \"unknown\"\n\
             [[expect]]\nat = \"16:05\"\nsites = [{slugs}]\nstatus = \"up\"\ndowns = 0\n\
             [[expect]]\nfrom = \"15:05\"\nuntil = \"16:30\"\ncause = \"none\"\n"
        );
        assert_eq!(unmet(&text).await, [""; 0], "{key}");
    }
}

#[tokio::test]
async fn lost_packets_on_our_line_make_no_outage() {
    let story = "[[scene]]\nat = \"15:30\"\nour_line = \"loss 20%\"\n[[expect]]\nfrom = \"15:10\"\n\
                 until = \"16:30\"\nsite = \"a.example\"\nstatus = [\"up\", \"slow\", \"unknown\"]\n\
                 downs = 0\n";
    holds("", story).await;
}

#[tokio::test]
async fn nothing_leaves_the_machine() {
    for does in [
        "does = \"redirect http://192.0.2.7/\"",
        "does = \"after 1s\"\nheaders = { location = \"https://[2001:db8::7]/\" }",
        "does = \"dns at 192.0.2.7\"",
        "does = \"dns after 1s ahead 127.0.0.1,192.0.2.7\"",
        "does = \"flaky 2 redirect http://192.0.2.7/\"",
    ] {
        let text = format!("{HEAD}{}{}", sites(2, ""), scene(does));
        let story = Story::parse(&text, "story.toml", &understands).unwrap();
        let why = check(story).await.unwrap_err().to_string();
        assert_eq!(why, "a.example leads away from this machine", "{does}");
    }
    let text = format!("{HEAD}[[site]]\nurl = \"https://192.0.2.7/\"\n");
    let story = Story::parse(&text, "story.toml", &understands).unwrap();
    assert!(format!("{:#}", check(story).await.unwrap_err()).contains("not addresses"));
}

#[test]
fn words_that_mean_nothing_are_refused_with_those_that_do() {
    for (about, words) in [
        (WordsAbout::Site, "explode"),
        (WordsAbout::OurNetwork, "explode"),
        (WordsAbout::NameServers, "status 503"),
    ] {
        let why = understands(about, words).unwrap_err();
        assert!(why.contains("is not understood; write such as \""), "{why}");
    }
    assert!(understands(WordsAbout::Site, "address 0: hang").is_err());
    assert!(understands(WordsAbout::Site, "ipv6: dns nxdomain").is_err());
}
