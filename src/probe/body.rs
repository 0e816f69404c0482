//! Reads a body, decoded, as far as is needed: a decompression bomb costs nothing.

use std::pin::pin;

use http_body_util::BodyExt;

use super::{classify, client::Body};
use crate::model::outcome::Cause;

/// Reads up to `most` bytes; gives them only if they are to be kept.
pub(super) async fn read(body: Body, most: usize, keep: bool) -> Result<Vec<u8>, Cause> {
    let Body { data, mut wire } = body;
    let (mut data, mut kept, mut read) = (pin!(data), Vec::new(), 0_usize);
    while read < most {
        let Some(frame) = wire.along_with(data.frame()).await else { break };
        let frame = frame.map_err(|error| classify::body(&*error))?;
        // Trailers tell nothing.
        let Ok(chunk) = frame.into_data() else { continue };
        let wanted = &chunk[..chunk.len().min(most - read)];
        read += wanted.len();
        if keep {
            kept.extend_from_slice(wanted);
        }
    }
    Ok(kept)
}

/// Whether a text is somewhere in a body.
pub(super) fn contains(body: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && body.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_is() {
        for (body, text, found) in [
            ("hello world", "hello", true),
            ("hello world", "world", true),
            ("hello", "hello world", false),
            ("", "a", false),
        ] {
            assert_eq!(contains(body.as_bytes(), text.as_bytes()), found, "{body} {text}");
        }
    }
}
