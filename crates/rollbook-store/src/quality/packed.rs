//! What of a connection is shown but not searched for: its id, details by name, its ending, figures of each stream.

use rollbook_core::quality::{Channel, ChannelQuality, Ending, QualityRow, StayQuality};

use super::CAUSES;
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

type Result<T> = std::result::Result<T, Broken>;

pub fn pack(row: &QualityRow, quality: &StayQuality) -> Vec<u8> {
    let mut out = Out::new(VERSION);
    out.flag(row.participant_uuid.is_some());
    row.participant_uuid.iter().for_each(|uuid| pack_uuid(&mut out, uuid));
    out.number(row.details.len() as u64);
    for (name, value) in &row.details {
        let place = NAMES.iter().position(|known| known == name);
        out.flag(place.is_some());
        match place {
            Some(place) => out.bits(8, place as u64),
            None => out.text(name),
        }
        out.text(value);
    }
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
        let details = from.count()?;
        row.details = (0..details).map(|_| detail(&mut from)).collect::<Result<_>>()?;
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

fn detail(from: &mut In<'_>) -> Result<(String, String)> {
    let name = if from.flag()? {
        let name = NAMES.get(from.bits(8)? as usize).ok_or(Broken::Damaged("a detail has no name"))?;
        (*name).to_owned()
    } else {
        from.text()?
    };
    Ok((name, from.text()?))
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
