//! Reads a body, decoded, as far as is needed: a decompression bomb costs nothing.

use reqwest::Response;

use super::{classify, marks::Stage};
use crate::model::outcome::Cause;

/// Reads up to `most` bytes; gives them only if they are to be kept.
pub(super) async fn read(
    mut response: Response,
    most: usize,
    keep: bool,
) -> Result<Vec<u8>, Cause> {
    let (mut kept, mut read) = (Vec::new(), 0_usize);
    while read < most {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| classify::cause(&error, Stage::Transfer, 0))?
        else {
            break;
        };
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
