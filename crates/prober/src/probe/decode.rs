//! Decodes a page as it comes, as leniently as browsers do, and no further than is wanted: a
//! decompression bomb costs nothing.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use zstd::{
    stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer},
    zstd_safe::DParameter,
};

/// Codings that we accept.
pub(super) const ACCEPTED: &str = "gzip, br, zstd";
/// The largest window of zstd, as a power of two (RFC 8878, section 3.1.1.1.2).
const MAX_WINDOW_LOG: u32 = 23;
/// Decoded at once.
const BLOCK_BYTES: usize = 16 * 1024;

/// Decoder for the coding of a page, with its output.
pub(super) struct Decoder {
    coding: Coding,
    /// True if anything has come.
    begun: bool,
    /// The coded stream has ended: what follows is not part of it.
    ended: bool,
}

enum Coding {
    Plain(Sink),
    Gzip(Box<GzDecoder<Sink>>),
    /// Not known before its first bytes.
    Unwrapped(Sink),
    Zlib(Box<ZlibDecoder<Sink>>),
    Deflate(Box<DeflateDecoder<Sink>>),
    Brotli(Box<DecompressorWriter<Sink>>),
    Zstd(Box<Zstd>),
}

struct Zstd {
    decoder: ZstdDecoder<'static>,
    sink: Sink,
}

/// Takes what was decoded: counts it all and keeps its beginning.
#[derive(Debug, Default)]
struct Sink {
    kept: Vec<u8>,
    keep: usize,
    read: usize,
    most: usize,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_full() {
            // Not `Ok(0)`, on which some decoders go round for ever.
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.most - self.read);
        let kept = taken.min(self.keep.saturating_sub(self.kept.len()));
        self.kept.extend_from_slice(&bytes[..kept]);
        self.read += taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// A decoder of at most `most` bytes that keeps the first `keep` of them.
    pub(super) fn new(headers: &HeaderMap, most: usize, keep: usize) -> Self {
        let sink = Sink { keep, most, ..Sink::default() };
        // Several codings one over the other are as rare as they are wrong: they are not undone. Nor is
        // a transfer coding beside chunks, which no browser undoes.
        let values = headers.get_all(header::CONTENT_ENCODING).iter();
        let codings = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let mut codings = codings
            .map(<[u8]>::trim_ascii)
            .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
        let coding = codings.next().filter(|_| codings.next().is_none());
        let is = |name: &str| coding.is_some_and(|c| c.eq_ignore_ascii_case(name.as_bytes()));
        let coding = if is("gzip") || is("x-gzip") {
            Coding::Gzip(Box::new(GzDecoder::new(sink)))
        } else if is("deflate") {
            Coding::Unwrapped(sink)
        } else if is("br") {
            Coding::Brotli(Box::new(DecompressorWriter::new(sink, BLOCK_BYTES)))
        } else if is("zstd")
            && let Ok(mut decoder) = ZstdDecoder::new()
            && decoder.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).is_ok()
        {
            Coding::Zstd(Box::new(Zstd { decoder, sink }))
        } else {
            Coding::Plain(sink)
        };
        Self { coding, begun: false, ended: false }
    }

    /// Decodes some more.
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() || self.ended || self.is_full() {
            return Ok(());
        }
        self.begun = true;
        let taken = match &mut self.coding {
            Coding::Plain(sink) => sink.write_all(bytes),
            Coding::Gzip(_) => return self.take_gzip(bytes),
            Coding::Unwrapped(sink) => {
                let sink = std::mem::take(sink);
                // The first byte of the wrapper (RFC 1950), which some servers have always left out.
                self.coding = if bytes[0] & 0x0f == 8 {
                    Coding::Zlib(Box::new(ZlibDecoder::new(sink)))
                } else {
                    Coding::Deflate(Box::new(DeflateDecoder::new(sink)))
                };
                return self.take(bytes);
            }
            Coding::Zlib(zlib) => until_end(zlib, bytes),
            Coding::Deflate(deflate) => until_end(deflate, bytes),
            Coding::Brotli(brotli) => brotli.write_all(bytes),
            Coding::Zstd(zstd) => zstd.take(bytes),
        };
        // An error of the sink, which is full, is none.
        if self.is_full() { Ok(()) } else { taken }
    }

    fn take_gzip(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let Coding::Gzip(member) = &mut self.coding else { return Ok(()) };
        while !bytes.is_empty() {
            match member.write(bytes) {
                _ if member.get_ref().is_full() => return Ok(()),
                Ok(0) if bytes.starts_with(&[0x1f, 0x8b]) => {
                    // This member has ended, and another one follows.
                    member.flush()?;
                    let sink = std::mem::take(member.get_mut());
                    **member = GzDecoder::new(sink);
                }
                Ok(0) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(taken) => bytes = &bytes[taken..],
                Err(error) => return Err(error),
            }
        }
        member.flush()
    }

    /// The page has ended. One that is cut short is no reason not to show it: browsers show it as far as
    /// it came, and compare no sum.
    pub(super) fn finish(&mut self) {
        if self.begun
            && !self.ended
            && !self.is_full()
            && let Coding::Brotli(brotli) = &mut self.coding
        {
            // Whatever it has decoded and not given yet.
            let _ = brotli.close();
        }
    }

    /// Returns whether as much has been decoded as may be.
    pub(super) fn is_full(&self) -> bool {
        self.sink().is_full()
    }

    /// Bytes that were decoded.
    pub(super) fn read(&self) -> usize {
        self.sink().read
    }

    /// The beginning of what was decoded, as far as it was to be kept.
    pub(super) fn kept(&self) -> &[u8] {
        &self.sink().kept
    }

    fn sink(&self) -> &Sink {
        match &self.coding {
            Coding::Plain(sink) | Coding::Unwrapped(sink) => sink,
            Coding::Gzip(gzip) => gzip.get_ref(),
            Coding::Zlib(zlib) => zlib.get_ref(),
            Coding::Deflate(deflate) => deflate.get_ref(),
            Coding::Brotli(brotli) => brotli.get_ref(),
            Coding::Zstd(zstd) => &zstd.sink,
        }
    }
}

impl Sink {
    fn is_full(&self) -> bool {
        self.read >= self.most
    }
}

impl Zstd {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let (mut input, mut block) = (InBuffer::around(bytes), vec![0; BLOCK_BYTES]);
        loop {
            let mut output = OutBuffer::around(block.as_mut_slice());
            self.decoder.run(&mut input, &mut output)?;
            let decoded = output.pos();
            self.sink.write_all(&block[..decoded])?;
            if decoded < BLOCK_BYTES && input.pos() >= bytes.len() {
                return Ok(());
            }
        }
    }
}

/// Decodes until the encoded page has ended by its own account.
fn until_end(decoder: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match decoder.write(bytes)? {
            0 => break,
            taken => bytes = &bytes[taken..],
        }
    }
    decoder.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use super::*;

    const PAGE: &[u8] = b"a page, a page, and what a page: so hello there";

    fn gzip(page: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(page).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(page: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(page).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(page: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(page).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(page: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        brotli::BrotliCompress(
            &mut &*page,
            &mut packed,
            &brotli::enc::BrotliEncoderParams::default(),
        )
        .unwrap();
        packed
    }

    fn decoded(coding: &str, bytes: &[u8], piece: usize, most: usize) -> io::Result<Vec<u8>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, coding.parse().unwrap());
        let mut decoder = Decoder::new(&headers, most, most);
        for piece in bytes.chunks(piece) {
            decoder.take(piece)?;
        }
        decoder.finish();
        assert_eq!(decoder.read(), decoder.kept().len());
        Ok(decoder.kept().to_vec())
    }

    #[test]
    fn what_browsers_decode_is_decoded_in_pieces_of_any_size() {
        let packed = gzip(PAGE);
        let garbage = [&packed[..], b"garbage"].concat();
        let (mut wrong_sum, mut wrong_length) = (packed.clone(), packed.clone());
        wrong_sum[packed.len() - 5] ^= 1;
        wrong_length[packed.len() - 1] ^= 1;
        for (coding, bytes) in [
            ("gzip", &packed[..]),
            ("GZIP", &packed),
            ("x-gzip", &packed),
            ("gzip", &garbage),
            ("gzip", &packed[..packed.len() - 8]),
            ("gzip", &packed[..packed.len() - 3]),
            ("gzip", &wrong_sum),
            ("gzip", &wrong_length),
            ("gzip, identity", &packed),
            ("identity,GZIP", &packed),
            ("identity", PAGE),
            ("deflate", &zlib(PAGE)),
            ("deflate", &deflate(PAGE)),
            ("deflate", &zlib(PAGE)[..zlib(PAGE).len() - 4]),
            ("br", &brotli(PAGE)),
            ("zstd", &zstd::encode_all(PAGE, 1).unwrap()),
            ("utf-8", PAGE),
        ] {
            for piece in [1, 7, 1 << 20] {
                let page = decoded(coding, bytes, piece, 1_000).unwrap();
                assert_eq!(page, PAGE, "{coding} in pieces of {piece}");
            }
        }
        let mut first = gzip(&PAGE[..9]);
        for wrong in [0, 1] {
            let last = first.len() - 1;
            first[last] ^= wrong;
            let members = [first.clone(), gzip(&PAGE[9..])].concat();
            assert_eq!(decoded("gzip", &members, 1 << 20, 1_000).unwrap(), PAGE);
        }
        assert_eq!(decoded("gzip", b"", 1, 1_000).unwrap(), b"");
    }

    #[test]
    fn what_browsers_do_not_decode_is_an_error() {
        let packed = gzip(PAGE);
        let mut wrong = packed;
        // A kind of block that there is not (RFC 1951, section 3.2.3).
        wrong[10] |= 0b110;
        for (coding, bytes) in [
            ("gzip", &b"this is no gzip at all"[..]),
            ("gzip", &wrong),
            ("br", b"\xff\xff\xff\xff"),
            ("zstd", b"this is no zstd at all"),
        ] {
            assert!(decoded(coding, bytes, 1 << 20, 1_000).is_err(), "{coding} {bytes:?}");
        }
    }

    #[test]
    fn a_page_that_is_cut_short_is_shown_as_far_as_it_came() {
        let page: Vec<u8> = (0..9_000_u32).map(|n| ((n * n) >> 3) as u8).collect();
        for (coding, packed) in [
            ("gzip", gzip(&page)),
            ("br", brotli(&page)),
            ("zstd", zstd::encode_all(page.as_slice(), 1).unwrap()),
        ] {
            let whole = packed.len();
            for cut in [5, 12, 100, whole / 2, whole - 9, whole - 1] {
                let shown = decoded(coding, &packed[..cut.min(whole)], 700, 1 << 20).unwrap();
                assert!(page.starts_with(&shown), "{coding} {cut}");
            }
        }
        assert!(!decoded("gzip", &gzip(&page)[..100], 700, 1 << 20).unwrap().is_empty());
    }

    #[test]
    fn no_more_is_decoded_than_is_wanted() {
        let zeros = vec![0; 2 << 20];
        for (coding, bytes) in [
            ("gzip", gzip(&zeros)),
            ("deflate", zlib(&zeros)),
            ("deflate", deflate(&zeros)),
            ("zstd", zstd::encode_all(&*zeros, 1).unwrap()),
            ("br", brotli(&zeros)),
        ] {
            assert_eq!(decoded(coding, &bytes, 1 << 20, 1_000).unwrap(), [0; 1_000], "{coding}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_bytes_break_a_decoder_and_it_gives_no_more_than_is_wanted(
            coding in prop::sample::select(vec!["gzip", "deflate", "br", "zstd", "other"]),
            bytes in prop::collection::vec(any::<u8>(), 0..500),
            cut in 0_usize..80,
            piece in 1_usize..200,
            most in 0_usize..300,
        ) {
            let good = match coding {
                "gzip" => gzip(PAGE),
                "deflate" => zlib(PAGE),
                "br" => brotli(PAGE),
                _ => zstd::encode_all(PAGE, 1).unwrap(),
            };
            let spoilt = [&good[..cut.min(good.len())], &bytes].concat();
            for bytes in [bytes, spoilt] {
                let headers =
                    HeaderMap::from_iter([(header::CONTENT_ENCODING, coding.parse().unwrap())]);
                let mut decoder = Decoder::new(&headers, most, most);
                let taken = bytes.chunks(piece).try_for_each(|piece| decoder.take(piece));
                if taken.is_ok() {
                    decoder.finish();
                }
                prop_assert!(decoder.read() <= most && decoder.kept().len() <= most);
            }
        }

        #[test]
        fn any_page_comes_back_as_it_was_packed(
            page in prop::collection::vec(any::<u8>(), 1..500),
            piece in 1_usize..200,
        ) {
            for (coding, packed) in [
                ("gzip", gzip(&page)),
                ("deflate", zlib(&page)),
                ("br", brotli(&page)),
                ("zstd", zstd::encode_all(page.as_slice(), 1).unwrap()),
            ] {
                prop_assert_eq!(&decoded(coding, &packed, piece, 1_000).unwrap(), &page);
            }
        }
    }
}
