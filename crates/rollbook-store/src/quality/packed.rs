//! What of a connection is shown but not searched for: details by name, and figures of each stream.

use std::collections::BTreeMap;

use rollbook_core::quality::{Channel, ChannelQuality};

use super::CAUSES;
use crate::error::Result;
use crate::samples::bits::{Broken, In, Out};
use crate::samples::said;

const VERSION: u8 = 1;

/// Names that are kept as their places; others are spelled. Only ever added to, at the end.
const NAMES: [&str; 32] = [
    "device",
    "device_name",
    "client",
    "os",
    "os_version",
    "browser_name",
    "browser_version",
    "version",
    "ip_address",
    "internal_ip_addresses",
    "location",
    "network_type",
    "data_center",
    "full_data_center",
    "connection_type",
    "audio_connection_type",
    "video_connection_type",
    "share_connection_type",
    "as_connection_type",
    "mac_addr",
    "mac_address",
    "harddisk_id",
    "pc_name",
    "domain",
    "health",
    "issues",
    "issue_list",
    "join_seconds",
    "total_jointime_cost",
    "microphone",
    "speaker",
    "camera",
];

/// Figures beyond this are cut: nothing that is measured comes near.
const FIGURE_MAX: f64 = 1e12;

type Details = BTreeMap<String, String>;

pub fn pack(details: &Details, channels: &[ChannelQuality]) -> Vec<u8> {
    let mut out = Out::new(VERSION);
    out.number(details.len() as u64);
    for (name, value) in details {
        let place = NAMES.iter().position(|known| known == name);
        out.flag(place.is_some());
        match place {
            Some(place) => out.bits(8, place as u64),
            None => out.text(name),
        }
        out.text(value);
    }
    out.number(channels.len() as u64);
    channels.iter().for_each(|channel| pack_channel(&mut out, channel));
    out.seal()
}

pub fn unpack(bytes: &[u8]) -> Result<(Details, Vec<ChannelQuality>)> {
    let read = || {
        let mut from = In::open(bytes, VERSION)?;
        let details = from.count()?;
        let details = (0..details).map(|_| detail(&mut from)).collect::<std::result::Result<_, Broken>>()?;
        let channels = from.count()?;
        let channels =
            (0..channels).map(|_| unpack_channel(&mut from)).collect::<std::result::Result<_, Broken>>()?;
        Ok((details, channels))
    };
    read().map_err(said("call quality"))
}

fn detail(from: &mut In<'_>) -> std::result::Result<(String, String), Broken> {
    let name = if from.flag()? {
        let name = NAMES.get(from.bits(8)? as usize).ok_or(Broken::Damaged("a detail has no name"))?;
        (*name).to_owned()
    } else {
        from.text()?
    };
    Ok((name, from.text()?))
}

fn pack_channel(out: &mut Out, of: &ChannelQuality) {
    out.bits(5, of.channel.index() as u64);
    [of.minutes, of.fair_minutes, of.bad_minutes].iter().for_each(|minutes| out.number(u64::from(*minutes)));
    pack_figure(out, of.score);
    let figures = [of.mos, of.bitrate_kbps, of.latency_ms, of.jitter_ms, of.loss_pct, of.worst_loss_pct];
    for figure in figures {
        out.flag(figure.is_some());
        figure.into_iter().for_each(|figure| pack_figure(out, figure));
    }
    let cause = of.cause.and_then(|cause| CAUSES.iter().position(|(one, _)| *one == cause));
    out.bits(3, cause.map_or(0, |place| place as u64 + 1));
}

fn unpack_channel(from: &mut In<'_>) -> std::result::Result<ChannelQuality, Broken> {
    let channel = Channel::ALL.get(from.bits(5)? as usize).ok_or(Broken::Damaged("a stream has no name"))?;
    let [minutes, fair_minutes, bad_minutes] = [minutes(from)?, minutes(from)?, minutes(from)?];
    let score = figure(from)?;
    let mut figures = [None; 6];
    for one in &mut figures {
        *one = if from.flag()? { Some(figure(from)?) } else { None };
    }
    let [mos, bitrate_kbps, latency_ms, jitter_ms, loss_pct, worst_loss_pct] = figures;
    let cause = (from.bits(3)? as usize).checked_sub(1).and_then(|place| CAUSES.get(place));
    Ok(ChannelQuality {
        channel: *channel,
        minutes,
        fair_minutes,
        bad_minutes,
        score,
        mos,
        bitrate_kbps,
        latency_ms,
        jitter_ms,
        loss_pct,
        worst_loss_pct,
        cause: cause.map(|(cause, _)| *cause),
    })
}

fn pack_figure(out: &mut Out, figure: f64) {
    out.signed((figure.clamp(-FIGURE_MAX, FIGURE_MAX) * 100.0).round() as i64);
}

fn figure(from: &mut In<'_>) -> std::result::Result<f64, Broken> {
    Ok(from.signed()? as f64 / 100.0)
}

fn minutes(from: &mut In<'_>) -> std::result::Result<u32, Broken> {
    u32::try_from(from.number()?).map_err(|_| Broken::Damaged("there are too many minutes"))
}
