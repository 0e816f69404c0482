//! A webhook of our own, signed as <https://www.standardwebhooks.com/> says: the id, the time of
//! this try and the body, with HMAC-SHA256.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Sent, http::Http};
use crate::notify::message::Message;
use model::{moment::Moment, site_request::Secret};

pub(super) async fn send(
    http: &Http,
    url: &Secret,
    secret: &Secret,
    id: &str,
    message: &Message,
    now: Moment,
) -> Sent {
    let body = match serde_json::to_vec(message) {
        Ok(body) => body,
        Err(error) => return Sent::failed(error.to_string()),
    };
    let Some(signature) = sign(secret, id, now.seconds(), &body) else {
        return Sent::failed("the secret of the signature is not base64 after whsec_");
    };
    let headers = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.seconds().to_string()),
        ("webhook-signature", signature),
    ];
    http.post(url.expose(), &headers, body).await
}

/// `v1,` and the signature as base64; `None` for a key that cannot be read.
fn sign(secret: &Secret, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let key = match secret.expose().strip_prefix("whsec_") {
        Some(encoded) => BASE64_STANDARD.decode(encoded).ok()?,
        None => secret.expose().as_bytes().to_vec(),
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // The example of the specification's libraries.
        let secret = Secret::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signed = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(sign(&Secret::from("whsec_?".to_owned()), "a", 1, b""), None);
    }
}
