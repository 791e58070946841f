//! What of a connection is shown but not searched for: its id, details by name, its ending, figures of each stream.

use std::collections::BTreeMap;

use rollbook_core::quality::{Channel, ChannelQuality, Ending, QualityRow, StayQuality};

use super::{CAUSES, phrases};
use crate::samples::bits::{Broken, In, Out};
use crate::samples::said;

const VERSION: u8 = 1;

/// Details that are marked by their place; other names are spelled. Only ever added to, at the end, and never more than
/// 64.
const NAMES: [&str; 36] = [
    "device",
    "device_name",
    "os",
    "os_version",
    "browser_name",
    "browser_version",
    "client",
    "version",
    "zoom_thin_client_plugin_version",
    "pc_name",
    "domain",
    "mac_addr",
    "harddisk_id",
    "camera",
    "microphone",
    "speaker",
    "network_type",
    "ip_address",
    "internal_ip_addresses",
    "location",
    "connection_type",
    "video_connection_type",
    "as_connection_type",
    "data_center",
    "full_data_center",
    "health",
    "issue_list",
    "share_application",
    "share_desktop",
    "share_whiteboard",
    "recording",
    "has_archiving",
    "optional_archiving",
    "groupId",
    "total_jointime_cost",
    "rc_reason",
];

/// Figures beyond this are cut: nothing that is measured comes near.
const FIGURE_MAX: f64 = 1e12;

type Details = BTreeMap<String, String>;
type Result<T> = std::result::Result<T, Broken>;

pub fn pack(row: &QualityRow, quality: &StayQuality) -> Vec<u8> {
    let mut out = Out::new(VERSION);
    out.flag(row.participant_uuid.is_some());
    row.participant_uuid.iter().for_each(|uuid| pack_uuid(&mut out, uuid));
    pack_details(&mut out, &row.details);
    out.number(quality.silent.len() as u64);
    quality.silent.iter().for_each(|channel| pack_channel(&mut out, *channel));
    out.flag(quality.ending.is_some());
    if let Some(ending) = &quality.ending {
        out.number(u64::from(ending.minutes));
        out.number(u64::from(ending.bad_minutes));
        pack_opt(&mut out, ending.loss_pct);
    }
    out.number(quality.channels.len() as u64);
    quality.channels.iter().for_each(|stream| pack_stream(&mut out, stream));
    out.seal()
}

/// Gives what was packed back to where it was.
pub fn unpack(bytes: &[u8], row: &mut QualityRow, quality: &mut StayQuality) -> crate::Result<()> {
    let mut read = || {
        let mut from = In::open(bytes, VERSION)?;
        row.participant_uuid = if from.flag()? { Some(uuid(&mut from)?) } else { None };
        row.details = details(&mut from)?;
        let silent = from.count()?;
        quality.silent = (0..silent).map(|_| channel(&mut from)).collect::<Result<_>>()?;
        quality.ending = if from.flag()? { Some(ending(&mut from)?) } else { None };
        let streams = from.count()?;
        quality.channels = (0..streams).map(|_| stream(&mut from)).collect::<Result<_>>()?;
        Ok(())
    };
    read().map_err(said("call quality"))
}

/// In 16 bytes if it is written as Zoom writes it: `D444CD06-2ABB-2FCC-019B-39E41D8DADF7`.
fn pack_uuid(out: &mut Out, uuid: &str) {
    let number = u128::from_str_radix(&uuid.replace('-', ""), 16).ok();
    let number = number.filter(|number| uuid_of(*number) == uuid);
    out.flag(number.is_some());
    match number {
        Some(number) => [number >> 64, number].iter().for_each(|half| out.bits(64, *half as u64)),
        None => out.text(uuid),
    }
}

fn uuid(from: &mut In<'_>) -> Result<String> {
    if from.flag()? {
        Ok(uuid_of(u128::from(from.bits(64)?) << 64 | u128::from(from.bits(64)?)))
    } else {
        from.text()
    }
}

fn uuid_of(number: u128) -> String {
    let part = |shift: u32, digits: u32| number >> shift & ((1 << (digits * 4)) - 1);
    let [a, b, c, d, e] = [part(96, 8), part(80, 4), part(64, 4), part(48, 4), part(0, 12)];
    format!("{a:08X}-{b:04X}-{c:04X}-{d:04X}-{e:012X}")
}

fn pack_details(out: &mut Out, details: &Details) {
    let known = NAMES.map(|name| details.get(name));
    let places = (0..).zip(&known).filter(|(_, value)| value.is_some());
    out.bits(64, places.fold(0, |mask, (place, _): (u32, _)| mask | 1 << place));
    known.into_iter().flatten().for_each(|value| phrases::write(out, value));
    let others = || details.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
    out.number(others().count() as u64);
    for (name, value) in others() {
        out.text(name);
        phrases::write(out, value);
    }
}

fn details(from: &mut In<'_>) -> Result<Details> {
    let mask = from.bits(64)?;
    let mut details = Details::new();
    for place in (0..64_u32).filter(|place| mask >> place & 1 == 1) {
        let name = NAMES.get(place as usize).ok_or(Broken::Damaged("a detail has no name"))?;
        details.insert((*name).to_owned(), phrases::read(from)?);
    }
    for _ in 0..from.count()? {
        details.insert(from.text()?, phrases::read(from)?);
    }
    Ok(details)
}

fn ending(from: &mut In<'_>) -> Result<Ending> {
    Ok(Ending { minutes: minutes(from)?, bad_minutes: minutes(from)?, loss_pct: opt_figure(from)? })
}

fn pack_stream(out: &mut Out, of: &ChannelQuality) {
    pack_channel(out, of.channel);
    [of.minutes, of.fair_minutes, of.bad_minutes].iter().for_each(|minutes| out.number(u64::from(*minutes)));
    pack_figure(out, of.score);
    let figures = [of.mos, of.bitrate_kbps, of.latency_ms, of.jitter_ms, of.loss_pct, of.worst_loss_pct];
    figures.into_iter().for_each(|figure| pack_opt(out, figure));
    let cause = of.cause.and_then(|cause| CAUSES.iter().position(|(one, _)| *one == cause));
    out.bits(3, cause.map_or(0, |place| place as u64 + 1));
}

fn stream(from: &mut In<'_>) -> Result<ChannelQuality> {
    Ok(ChannelQuality {
        channel: channel(from)?,
        minutes: minutes(from)?,
        fair_minutes: minutes(from)?,
        bad_minutes: minutes(from)?,
        score: figure(from)?,
        mos: opt_figure(from)?,
        bitrate_kbps: opt_figure(from)?,
        latency_ms: opt_figure(from)?,
        jitter_ms: opt_figure(from)?,
        loss_pct: opt_figure(from)?,
        worst_loss_pct: opt_figure(from)?,
        cause: (from.bits(3)? as usize)
            .checked_sub(1)
            .and_then(|place| CAUSES.get(place))
            .map(|(cause, _)| *cause),
    })
}

fn pack_channel(out: &mut Out, channel: Channel) {
    out.bits(5, channel.index() as u64);
}

fn channel(from: &mut In<'_>) -> Result<Channel> {
    let channel = Channel::ALL.get(from.bits(5)? as usize);
    channel.copied().ok_or(Broken::Damaged("a stream has no name"))
}

fn pack_opt(out: &mut Out, figure: Option<f64>) {
    out.flag(figure.is_some());
    figure.into_iter().for_each(|figure| pack_figure(out, figure));
}

fn opt_figure(from: &mut In<'_>) -> Result<Option<f64>> {
    if from.flag()? { figure(from).map(Some) } else { Ok(None) }
}

fn pack_figure(out: &mut Out, figure: f64) {
    out.signed((figure.clamp(-FIGURE_MAX, FIGURE_MAX) * 100.0).round() as i64);
}

fn figure(from: &mut In<'_>) -> Result<f64> {
    Ok(from.signed()? as f64 / 100.0)
}

fn minutes(from: &mut In<'_>) -> Result<u32> {
    u32::try_from(from.number()?).map_err(|_| Broken::Damaged("there are too many minutes"))
}
