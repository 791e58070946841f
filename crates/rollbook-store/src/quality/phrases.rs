//! Short codes for what dashboards and machines commonly write: documented words of Zoom's, makers, kinds of devices.
//!
//! A code is a byte: an ASCII character as it is, from 128 a phrase, 255 before any other byte. Most stays have two
//! dozen details of which half say the same as everybody else's.

use crate::samples::bits::{Broken, In, Out};

/// Only ever added to, at the end, and never more than 127.
const PHRASES: [&str; 120] = [
    "no",
    "yes",
    "UDP",
    "TCP",
    "SSL",
    "P2P",
    "Http",
    "Wired",
    "Wifi",
    "PPP",
    "Cellular",
    "Others",
    "Windows",
    "Mac",
    "macOS",
    "iOS",
    "Android",
    "Linux",
    "Chrome",
    "ChromeOS",
    "Phone",
    "iPhone",
    "iPad",
    "H.323/SIP",
    "Web Browser",
    "Firefox",
    "Edge",
    "Safari",
    "WIN",
    "win ",
    " Pro",
    " Home",
    " Enterprise",
    " Education",
    "Microphone",
    "microphone",
    " Array",
    "Speaker",
    "Speakers",
    "speaker",
    "Headset",
    "Headphones",
    "Earphone",
    "High Definition Audio",
    "Realtek",
    "Realtek(R) Audio",
    "Intel(R)",
    "Intel®",
    " Smart Sound Technology",
    " for Digital Microphones",
    "Digital",
    "Default",
    "Built-in",
    "Internal",
    "External",
    "MacBook Pro",
    "MacBook Air",
    "iMac",
    "FaceTime HD Camera",
    "Integrated ",
    "Camera",
    "Webcam",
    "HD ",
    "USB",
    "Bluetooth",
    "AirPods",
    "Jabra",
    "Logitech",
    "Logi",
    "Plantronics",
    "Poly ",
    "Sennheiser",
    "EPOS",
    "Lenovo",
    "ThinkPad",
    "Dell ",
    "HP ",
    "Surface",
    "Samsung",
    "Galaxy",
    "Pixel",
    "Evolve",
    "BRIO",
    "Device",
    "Audio",
    "Output",
    "Input",
    "DESKTOP-",
    "LAPTOP-",
    "192.168.",
    "172.16.",
    "10.0.",
    "10.",
    "United States",
    "Germany",
    "Netherlands",
    "Japan",
    "Australia",
    "Brazil",
    "Canada",
    "India",
    "Singapore",
    "China",
    "Switzerland",
    "United Kingdom",
    "France",
    "Ireland",
    "Mexico",
    "Saudi Arabia",
    "South Africa",
    " Top)",
    " (US)",
    " (DE)",
    " (",
    "Good",
    "Warning",
    "Critical",
    "audio",
    "video",
    "network",
];

const OTHER: u8 = 255;

/// A text of any length.
pub fn write(out: &mut Out, text: &str) {
    let mut codes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let starts = |phrase: &&str| rest.starts_with(phrase.as_bytes());
        let phrases = (128..).zip(PHRASES).filter(|(_, phrase)| starts(phrase));
        if let Some((code, phrase)) = phrases.max_by_key(|(_, phrase)| phrase.len()) {
            codes.push(code);
            rest = &rest[phrase.len()..];
            continue;
        }
        if !byte.is_ascii() {
            codes.push(OTHER);
        }
        codes.push(*byte);
        rest = tail;
    }
    out.bytes(&codes);
}

/// The other way.
pub fn read(from: &mut In<'_>) -> Result<String, Broken> {
    let codes = from.bytes()?;
    let mut text = Vec::with_capacity(codes.len() * 4);
    let mut codes = codes.into_iter();
    while let Some(code) = codes.next() {
        match code {
            OTHER => text.extend(codes.next()),
            0..128 => text.push(code),
            _ => {
                let phrase = PHRASES.get(usize::from(code) - 128);
                text.extend(phrase.ok_or(Broken::Damaged("a phrase is unknown"))?.as_bytes());
            }
        }
    }
    String::from_utf8(text).map_err(|_| Broken::Damaged("a text is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str) -> usize {
        let mut out = Out::new(1);
        write(&mut out, text);
        let bytes = out.seal();
        assert_eq!(read(&mut In::open(&bytes, 1).unwrap()).unwrap(), text);
        bytes.len()
    }

    #[test]
    fn common_details_take_a_few_bytes() {
        let least = check("");
        assert_eq!(check("Wifi") - least, 1);
        assert!(check("Microphone (High Definition Audio)") - least < 8);
        assert!(check("United States (SC Top);") - least < 8);
    }

    #[test]
    fn codes_are_of_one_byte_and_name_one_phrase_each() {
        let distinct: std::collections::BTreeSet<&str> = PHRASES.into_iter().collect();
        assert_eq!(distinct.len(), PHRASES.len());
        assert!(PHRASES.len() < usize::from(OTHER - 127) && PHRASES.iter().all(|phrase| phrase.len() > 1));
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in ".*") {
            check(&text);
        }
    }
}
