//! Mail, over each kind of connection, to a server that talks SMTP.

use base64::{Engine, prelude::BASE64_STANDARD};
use model::notification::{
    Channel, Destination, Email, MailTls,
    rule::{Rule, Topic},
};
use prober::clock::Clock;
use stillup::{
    config::Defaults,
    notify::{Sender, trial},
    operator::{AddedSites, Operator},
};

use crate::{
    mailbox::{Mailbox, Safety},
    support::{NotifierUnderTest, channel, public_url, secret},
};

/// A channel to this mailbox; it trusts the mailbox's certificate if that is in `trust`.
fn mail(mailbox: &Mailbox, tls: MailTls, trust: Option<&tempfile::TempDir>) -> Channel {
    let login = (tls != MailTls::None).then(|| ("up".into(), secret("hush")));
    let to = vec!["ops@example.com".into(), "Boss <boss@example.com>".into()];
    let target = Email {
        host: "localhost".into(),
        port: mailbox.port,
        tls,
        login,
        from: "stillup <up@example.com>".into(),
        to,
    };
    let ca_file = trust.map(|dir| {
        let path = dir.path().join("ca.pem");
        std::fs::write(&path, &mailbox.pem).unwrap();
        path
    });
    Channel { ca_file, ..channel("mail", Destination::Email(target)) }
}

async fn tried(channel: Channel) -> Result<String, String> {
    let sender = Sender::new(channel, &public_url()).unwrap();
    assert!(!format!("{sender:?}").contains("hush"), "{sender:?}");
    trial(&sender, &public_url(), &Clock::system()).await
}

#[tokio::test]
async fn a_site_that_goes_down_is_told_by_mail() {
    let mailbox = Mailbox::start(Safety::None, "250 kept as 17").await;
    let channel = mail(&mailbox, MailTls::None, None);
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    notifier.turn("a.example", false).await;
    let mail = mailbox.wait_for(1).await.remove(0);
    notifier.counted("mail", (0, 1, 0)).await;
    for want in
        ["MAIL FROM:<up@example.com>", "RCPT TO:<ops@example.com>", "RCPT TO:<boss@example.com>"]
    {
        assert!(mail.commands.iter().any(|command| command.starts_with(want)), "{mail:?}");
    }
    let head = mail.text.split("\n\n").next().unwrap();
    for want in [
        "From: stillup <up@example.com>",
        "To: ops@example.com, Boss <boss@example.com>",
        "Subject: a.example is down",
        "Auto-Submitted: auto-generated",
        "Date: ",
    ] {
        assert!(head.contains(want), "{want} is not in {head}");
    }
    let id = head.lines().find(|line| line.starts_with("Message-ID: <")).unwrap();
    assert!(id.ends_with("@up.example>"), "{id}");
    let told = ["a.example is down", "no connection could be made (connection refused)"];
    assert!(told.iter().all(|words| mail.text.contains(words)), "{mail:?}");
    assert!(mail.text.contains("https://up.example/a.example"), "{mail:?}");
}

#[tokio::test]
async fn a_very_long_line_is_within_what_a_strict_server_takes() {
    let mailbox = Mailbox::start(Safety::None, "250 kept").await;
    let channel = mail(&mailbox, MailTls::None, None);
    let channel = Channel { rule: Rule { on: vec![Topic::Notice], ..channel.rule }, ..channel };
    let dir = tempfile::tempdir().unwrap();
    let mut notifier = NotifierUnderTest::new(&["a.example"]).await;
    notifier.operator = Operator::open(
        dir.path(),
        AddedSites::open(dir.path(), &dir.path().join("sites.toml"), Defaults::default()),
    );
    let _all = (notifier.plan(std::slice::from_ref(&channel)).await, notifier.deliver(&channel));
    // The letters of a title at their most, and a text without a space, in two and in four bytes a letter.
    let (title, text) = ("\u{444}".repeat(200), "\u{1f525}".repeat(4_000));
    let keys = format!("title = \"{title}\"\ntext = \"{text}\"").parse().unwrap();
    notifier.operator.open_notice(keys, "cli", Clock::system().now()).unwrap();
    let mail = mailbox.wait_for(1).await.remove(0);
    notifier.counted("mail", (0, 1, 0)).await;
    let longest = mail.text.lines().map(str::len).max().unwrap();
    assert!(longest <= 998, "{longest} octets in a line; RFC 5321 allows 998");
    assert!(mail.text.is_ascii(), "the rest of the way may take seven bits alone");
}

#[tokio::test]
async fn the_connection_is_safe_before_the_password_is_said() {
    let trust = tempfile::tempdir().unwrap();
    for (safety, tls) in
        [(Safety::StartTls, MailTls::StartTls), (Safety::Implicit, MailTls::Implicit)]
    {
        let mailbox = Mailbox::start(safety, "250 kept").await;
        let answer = tried(mail(&mailbox, tls, Some(&trust))).await.unwrap();
        assert_eq!(answer, "SMTP 250 kept");
        let mail = mailbox.wait_for(1).await.remove(0);
        let auth = mail.commands.iter().find(|command| command.starts_with("AUTH PLAIN ")).unwrap();
        let said = BASE64_STANDARD.decode(auth.trim_start_matches("AUTH PLAIN ")).unwrap();
        assert!(mail.safe && said == b"\0up\0hush", "{mail:?}");
        assert!(mail.text.contains("This is a test of the channel"), "{mail:?}");

        let stranger = tried(self::mail(&mailbox, tls, None)).await.unwrap_err();
        assert!(stranger.contains("certificate"), "{stranger}");
    }
    let plain = Mailbox::start(Safety::None, "250 kept").await;
    let refused = tried(mail(&plain, MailTls::StartTls, Some(&trust))).await.unwrap_err();
    assert!(refused.contains("STARTTLS"), "{refused}");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_words_of_the_server() {
    let mailbox = Mailbox::start(Safety::None, "554 5.7.1 we want no mail from you").await;
    let refused = tried(mail(&mailbox, MailTls::None, None)).await.unwrap_err();
    assert!(refused.contains("we want no mail from you"), "{refused}");
}
