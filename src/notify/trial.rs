//! `stillup notify test`: sends a message that says that it is a test, past rules and store.

use url::Url;

use super::{
    message::Message,
    send::{Sender, Sent},
};
use crate::i18n::Lang;
use prober::clock::Clock;

/// Sends a test message, once; returns the receiver's answer.
///
/// # Errors
/// The reason why it did not arrive, in words.
pub async fn trial(sender: &Sender, public_url: &Url, clock: &Clock) -> Result<String, String> {
    let (now, lang) = (clock.now(), Lang::of_tag(sender.channel().language).unwrap_or_default());
    let message = Message::test(lang, &sender.channel().name, public_url.to_string(), now);
    let id = format!("test-{:016x}", fastrand::u64(..));
    match sender.send(&id, &message, now).await {
        Sent::Arrived(answer) => Ok(answer),
        Sent::Failed { answer, .. } | Sent::Gone(answer) => Err(answer),
    }
}
