//! Pictures of people, drawn anew: whatever a server hands out as one is decoded here, within bounds, and only what was
//! drawn from it goes on to a screen.

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, imageops::FilterType,
};

use crate::limits;

/// The picture in `bytes` (PNG, JPEG or WebP) as a square PNG of [`limits::PICTURE_SIDE`] pixels: its middle, upright.
/// `None` where it is nothing of the kind, or larger than [`limits::PICTURE_SIDE_MAX`].
pub(crate) fn drawn(bytes: &[u8]) -> Option<Vec<u8>> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > limits::PICTURE_SIDE_MAX {
        return None;
    }
    let mut bounds = Limits::no_limits();
    bounds.max_image_width = Some(limits::PICTURE_SIDE_MAX);
    bounds.max_image_height = Some(limits::PICTURE_SIDE_MAX);
    bounds.max_alloc = Some(limits::PICTURE_MEMORY);
    bounds.reserve(decoder.total_bytes()).ok()?;
    decoder.set_limits(bounds).ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut picture = square(&DynamicImage::from_decoder(decoder).ok()?);
    picture.apply_orientation(orientation);
    let mut png = Vec::new();
    picture.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
    Some(png)
}

/// The largest square in the middle, made as small as it is shown.
fn square(picture: &DynamicImage) -> DynamicImage {
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let middle = picture.view((width - side) / 2, (height - side) / 2, side, side).to_image();
    let small = limits::PICTURE_SIDE;
    image::imageops::resize(&middle, small, small, FilterType::Triangle).into()
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Rgba, RgbaImage};

    use super::*;

    const GREEN: Rgba<u8> = Rgba([20, 160, 60, 255]);
    const RED: Rgba<u8> = Rgba([200, 20, 20, 255]);

    fn encoded(picture: &RgbaImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = DynamicImage::from(picture.clone());
        let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture };
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    /// Red at both ends and green in the middle.
    fn wide() -> RgbaImage {
        ImageBuffer::from_fn(600, 200, |x, _| if (200..400).contains(&x) { GREEN } else { RED })
    }

    #[test]
    fn each_kind_of_picture_becomes_a_small_square_of_its_middle() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let drawn = drawn(&encoded(&wide(), format)).unwrap();
            assert!(drawn.starts_with(b"\x89PNG"));
            let drawn = image::load_from_memory(&drawn).unwrap().to_rgba8();
            assert_eq!(drawn.dimensions(), (limits::PICTURE_SIDE, limits::PICTURE_SIDE));
            let middle = drawn.get_pixel(64, 64);
            let near = middle.0.iter().zip(GREEN.0).all(|(is, was)| is.abs_diff(was) < 12);
            assert!(near, "{format:?}: {middle:?}");
        }
        let dot = encoded(&ImageBuffer::from_pixel(1, 1, GREEN), ImageFormat::Png);
        assert!(drawn(&dot).is_some(), "one pixel is a picture");
    }

    #[test]
    fn what_is_no_picture_is_none() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
        let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
        for bytes in [b"".as_slice(), b"<!doctype html><img src=x>", svg.as_bytes(), gif, &[0xff; 4_096]] {
            assert_eq!(drawn(bytes), None);
        }
    }

    #[test]
    fn half_a_picture_and_a_broken_one_are_none_and_break_nothing() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let whole = encoded(&wide(), format);
            for length in (0..whole.len()).step_by(whole.len() / 40 + 1) {
                // A decoder may make the best of a part; what it makes is a small square all the same.
                assert!(drawn(&whole[..length]).is_none_or(|drawn| drawn.starts_with(b"\x89PNG")));
                let mut broken = whole.clone();
                broken[length] ^= 0x55;
                assert!(drawn(&broken).is_none_or(|drawn| drawn.starts_with(b"\x89PNG")));
            }
        }
    }

    #[test]
    fn a_few_bytes_that_claim_to_be_huge_are_none() {
        let mut png = encoded(&ImageBuffer::from_pixel(1, 1, GREEN), ImageFormat::Png);
        // Its header says how large it is, with a sum of its own.
        for (width, height) in
            [(60_000_u32, 60_000_u32), (1, 2_000_000_000), (limits::PICTURE_SIDE_MAX + 1, 1)]
        {
            png[16..20].copy_from_slice(&width.to_be_bytes());
            png[20..24].copy_from_slice(&height.to_be_bytes());
            let sum = crc(&png[12..29]);
            png[29..33].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(drawn(&png), None);
        }
        let flat = ImageBuffer::from_pixel(limits::PICTURE_SIDE_MAX + 1, 1, GREEN);
        assert_eq!(drawn(&encoded(&flat, ImageFormat::Png)), None);
    }

    /// The sum at the end of a chunk of a PNG.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8)
                .fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
        })
    }
}
