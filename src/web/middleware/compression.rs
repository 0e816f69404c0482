//! Compression with gzip of answers that are there as a whole and worth it.

use axum::extract::Request;
use http::{HeaderValue, header};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use super::{etag::MIN_BYTES, headers::is_whole};

/// The layer that compresses.
pub(in crate::web) fn gzip() -> CompressionLayer<impl Predicate> {
    let worth_it = SizeAbove::new(MIN_BYTES).and(is_whole).and(NotForContentType::SSE);
    CompressionLayer::new().quality(CompressionLevel::Precise(5)).compress_when(worth_it)
}

/// Removes `Accept-Encoding` unless it names gzip: the compression layer refuses clients that
/// accept neither that nor the plain answer (`identity;q=0`) with 406, and every client is answered
/// here.
pub(in crate::web) async fn only_gzip(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let names_gzip = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("gzip"))
    };
    if !headers.get_all(header::ACCEPT_ENCODING).iter().any(names_gzip) {
        headers.remove(header::ACCEPT_ENCODING);
    }
    request
}
