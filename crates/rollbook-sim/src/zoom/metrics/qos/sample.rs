//! One sample as text. A page holds hundreds, so everything goes straight to where it stands in the end.

use crate::quality::{Cpu, Flow, Minute, Odd, OddKind, OddText, Shown, Wifi, stream_name};
use crate::zoom::rows::time;

/// Which values of a stream stand without a space before the unit, one bit each.
#[derive(Clone, Copy)]
struct Tight(u64);

impl Tight {
    fn unit(self, place: u8, spaced: &'static str) -> &'static str {
        if self.0 >> place & 1 == 1 { &spaced[1..] } else { spaced }
    }
}

/// Writes one sample.
pub(super) fn write(minute: &Minute, out: &mut String) {
    out.push_str("{\"date_time\":\"");
    out.push_str(&time(minute.at));
    out.push('"');
    for (place, shown) in minute.streams.iter().enumerate() {
        let name = stream_name(place, minute.connector);
        let odd = minute.odd.filter(|odd| odd.stream == place && odd.kind != OddKind::UnknownMember);
        let tight = Tight(minute.tight >> (4 * place));
        match shown {
            Shown::Absent => {}
            Shown::Blank { has_picture } => blank(name, *has_picture, out),
            Shown::Whole(flow) => stream(name, flow, true, odd, tight, out),
            Shown::WithoutPicture(flow) => stream(name, flow, false, odd, tight, out),
        }
    }
    if let Some(cpu) = &minute.cpu {
        self::cpu(cpu, out);
    }
    if minute.has_pressure {
        // The only word that the documents show.
        out.push_str(
            r#","cpu_pressure_level":{"system_min_cpu_pressure_level":"normal","system_avg_cpu_pressure_level":"normal","system_max_cpu_pressure_level":"normal"}"#,
        );
    }
    if let Some(wifi) = &minute.wifi {
        self::wifi(wifi, out);
    }
    if let Some(odd) = minute.odd.filter(|odd| odd.kind == OddKind::UnknownMember) {
        member(out, ",\"", odd.member, Some(odd), |_| {});
    }
    out.push('}');
}

fn blank(name: &str, has_picture: bool, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str(r#"":{"bitrate":"","latency":"","jitter":"","avg_loss":"","max_loss":"""#);
    out.push_str(if has_picture { r#","resolution":"","frame_rate":""}"# } else { "}" });
}

fn stream(name: &str, flow: &Flow, has_picture: bool, odd: Option<Odd>, tight: Tight, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":{");
    let odd_in = |name: &str| odd.filter(|odd| odd.member == name);
    member(out, "\"", "bitrate", odd_in("bitrate"), |out| {
        hundredths(out, flow.bitrate);
        out.push_str(tight.unit(0, " kbps"));
    });
    member(out, ",\"", "latency", odd_in("latency"), |out| {
        whole(out, flow.latency_ms);
        out.push_str(tight.unit(1, " ms"));
    });
    member(out, ",\"", "jitter", odd_in("jitter"), |out| {
        whole(out, flow.jitter_ms);
        out.push_str(tight.unit(2, " ms"));
    });
    member(out, ",\"", "avg_loss", odd_in("avg_loss"), |out| {
        hundredths(out, flow.avg_loss);
        out.push('%');
    });
    out.push_str(",\"max_loss\":\"");
    hundredths(out, flow.max_loss);
    out.push_str("%\"");
    match flow.picture {
        Some((width, height, fps)) if has_picture => {
            out.push_str(",\"resolution\":\"");
            whole(out, width);
            out.push('*');
            whole(out, height);
            out.push_str("\",\"frame_rate\":\"");
            whole(out, fps);
            out.push_str(tight.unit(3, " fps"));
            out.push('"');
        }
        Some(_) => out.push_str(r#","resolution":"0*0","frame_rate":"""#),
        None => {}
    }
    out.push('}');
}

/// A member with its text, or with what stands there in its place.
fn member(out: &mut String, before: &str, name: &str, odd: Option<Odd>, text: impl FnOnce(&mut String)) {
    out.push_str(before);
    out.push_str(name);
    out.push_str("\":");
    match odd.map(|odd| odd.text) {
        Some(OddText::Number(number)) => hundredths(out, number),
        Some(OddText::Text(odd)) => {
            out.push('"');
            out.push_str(odd);
            out.push('"');
        }
        None => {
            out.push('"');
            text(out);
            out.push('"');
        }
    }
}

fn cpu(cpu: &Cpu, out: &mut String) {
    out.push_str(",\"cpu_usage\":{\"zoom_min_cpu_usage\":\"");
    whole(out, cpu.zoom_min);
    out.push_str("%\",\"zoom_avg_cpu_usage\":\"");
    whole(out, cpu.zoom_avg);
    out.push_str("%\",\"zoom_max_cpu_usage\":\"");
    whole(out, cpu.zoom_max);
    out.push_str("%\",\"system_max_cpu_usage\":\"");
    whole(out, cpu.system_max);
    out.push_str("%\"}");
}

fn wifi(wifi: &Wifi, out: &mut String) {
    let mut level = |name: &str, dbm: i32| {
        out.push_str(name);
        out.push_str(if dbm < 0 { "-" } else { "" });
        whole(out, dbm.unsigned_abs());
    };
    level(",\"wifi_rssi\":{\"max_rssi\":", wifi.max);
    level(",\"avg_rssi\":", wifi.avg);
    level(",\"min_rssi\":", wifi.min);
    out.push_str(",\"rssi_unit\":\"dBm\"}");
}

/// `27.15`
pub(super) fn hundredths(out: &mut String, value: u32) {
    whole(out, value / 100);
    out.push('.');
    digit(out, value / 10);
    digit(out, value);
}

/// `126`
pub(super) fn whole(out: &mut String, value: u32) {
    if value >= 10 {
        whole(out, value / 10);
    }
    digit(out, value);
}

/// The last digit of a number.
fn digit(out: &mut String, value: u32) {
    out.push(char::from(b'0' + (value % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::{hundredths, whole};

    #[test]
    fn numbers_are_written_as_everybody_writes_them() {
        for value in (0..3_000).chain([9_999, 10_000, 1_000_001, u32::MAX]) {
            let (mut text, mut rate) = (String::new(), String::new());
            whole(&mut text, value);
            hundredths(&mut rate, value);
            assert_eq!((text, rate), (value.to_string(), format!("{}.{:02}", value / 100, value % 100)));
        }
    }
}
