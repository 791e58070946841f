//! What holds for any body that is posted to a webhook. The fuzz target `webhook_body` throws bytes at [`check`]; here
//! it gets the samples and random bytes.

use jiff::Timestamp;
use rollbook_zoom::webhook::{Event, Refusal, sign, verify};
use secrecy::SecretString;

/// Reads the body and checks its signature in every way there is. Panics where something does not hold.
pub fn check(body: &[u8]) {
    if let Ok(event) = Event::read(body) {
        assert_eq!(Event::read(body).as_ref(), Ok(&event), "reading twice gives the same");
        let event = event.value;
        let (_, _) = (event.kind(), event.is_webinar());
        let object = event.object();
        let _ = object.and_then(|object| object.number());
        if let Some(participant) = object.and_then(|object| object.participant.as_ref()) {
            let _ = (participant.connection(), participant.zoom_user());
            assert!(participant.qos.iter().filter_map(|row| row.stream()).count() <= participant.qos.len());
        }
    }
    let (secret, now) = (SecretString::from("secret"), Timestamp::UNIX_EPOCH);
    let signature = sign(&secret, "1", body);
    let check =
        |timestamp: Option<&str>, signature: Option<&str>| verify(&secret, now, timestamp, signature, body);
    assert!(check(Some("1"), Some(&signature)).is_ok());
    assert_eq!(check(Some("2"), Some(&signature)), Err(Refusal::WrongSignature));
    // The body as both headers.
    let text = String::from_utf8_lossy(body);
    assert!(check(Some(&text), Some(&text)).is_err());
}

/// Samples cut short, with bytes changed, and noise; the same ones each time.
#[test]
fn no_body_is_too_odd() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/events");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let whole = std::fs::read(file).unwrap();
        check(&whole);
        for _ in 0..64 {
            let mut body = whole.clone();
            for _ in 0..1 + next() % 4 {
                let at = usize::try_from(next()).unwrap() % body.len();
                body[at] = u8::try_from(next() % 256).unwrap();
            }
            body.truncate(usize::try_from(next()).unwrap() % (body.len() + 1));
            check(&body);
        }
    }
    for _ in 0..2_000 {
        let length = next() % 64;
        let body: Vec<u8> = (0..length).map(|_| u8::try_from(next() % 256).unwrap()).collect();
        check(&body);
    }
}
