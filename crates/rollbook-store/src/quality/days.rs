//! Call quality by day and by what people connect with: kept up to date with every connection, so that no page reads them all.

use std::collections::{BTreeMap, BTreeSet};

use rollbook_core::quality::{QualityRow, StayQuality};
use rusqlite::OptionalExtension;
use serde::Serialize;

use super::packed;
use crate::error::Result;
use crate::sqlite::Store;
use crate::time::ms;

/// Milliseconds of a UTC day.
const DAY_MS: i64 = 86_400_000;

/// A longer value is cut: it is a name of a device or a city, not a text.
const VALUE_MAX: usize = 80;

/// By what connections are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Not at all.
    All,
    /// Where, as Zoom guesses it from the address.
    Place,
    /// Wifi, wired, …
    Network,
    /// The kind of device.
    Device,
    /// The client's version.
    Client,
    /// Zoom's data centre.
    DataCenter,
}

impl Facet {
    /// All of them.
    pub const ALL: [Facet; 6] =
        [Facet::All, Facet::Place, Facet::Network, Facet::Device, Facet::Client, Facet::DataCenter];

    /// The name in the store and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Facet::All => "all",
            Facet::Place => "place",
            Facet::Network => "network",
            Facet::Device => "device",
            Facet::Client => "client",
            Facet::DataCenter => "data_center",
        }
    }

    /// Zoom's field that tells it.
    fn detail(self) -> Option<&'static str> {
        match self {
            Facet::All => None,
            Facet::Place => Some("location"),
            Facet::Network => Some("network_type"),
            Facet::Device => Some("device"),
            Facet::Client => Some("version"),
            Facet::DataCenter => Some("data_center"),
        }
    }
}

/// Connections taken together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct QualitySum {
    /// Connections of which any minute was judged.
    pub stays: i64,
    /// Those of them with a tenth of their minutes bad, or more.
    pub poor_stays: i64,
    /// Minutes judged.
    pub minutes: i64,
    /// Bad ones among them.
    pub bad_minutes: i64,
    /// Hundredths of a point times minutes.
    pub score_minutes: i64,
}

/// A day's connections with one value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityDay {
    /// Days since 1970 UTC.
    pub day: i64,
    /// Zoom's word; empty where it told none.
    pub value: String,
    /// Those connections.
    pub sum: QualitySum,
}

/// An instance among the worst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worst {
    /// The instance.
    pub instance: i64,
    /// Bad minutes of all people, about: the share of bad minutes times the samples.
    pub bad_minutes: f64,
}

const HELD: &str = "select quality_id, first_at, minutes, score, bad_minutes, packed from quality_stay
    where instance_id = ?1 and user_id = ?2 and joined_at = ?3";
const ADD: &str = "insert into quality_day
    (facet, day, value, stays, poor_stays, minutes, bad_minutes, score_minutes)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    on conflict (facet, day, value) do update set stays = stays + excluded.stays,
        poor_stays = poor_stays + excluded.poor_stays, minutes = minutes + excluded.minutes,
        bad_minutes = bad_minutes + excluded.bad_minutes,
        score_minutes = score_minutes + excluded.score_minutes";
const NOT_SUMMED: &str =
    "select quality_id, joined_at, first_at, minutes, score, bad_minutes, packed from quality_stay
    where quality_id > ?1 and quality_id <= ?2 order by quality_id limit ?3";
const DAYS: &str =
    "select day, value, stays, poor_stays, minutes, bad_minutes, score_minutes from quality_day
    where facet = ?1 and day >= ?2 and day <= ?3 and stays > 0 order by day, value";
const CHANGED: &str = "insert into quality_day_change (day, change)
    values (?1, (select coalesce(max(change), 0) + 1 from quality_day_change))
    on conflict (day) do update set change = excluded.change";
const CHANGED_SINCE: &str = "select day, change from quality_day_change where change > ?1 order by change";
const WORST: &str = "select instance_id, bad_share * samples as badness from quality
    where day = ?1 and bad_share is not null and bad_share * samples > 0 and bad_share * samples <= ?2
    order by bad_share * samples desc, instance_id";

impl Worst {
    /// Whether it stands before another one in the list.
    fn is_before(&self, other: &Worst) -> bool {
        other
            .bad_minutes
            .total_cmp(&self.bad_minutes)
            .then_with(|| self.instance.cmp(&other.instance))
            .is_lt()
    }
}

/// What one connection adds, and to which day and values.
pub(super) struct Part {
    day: i64,
    values: [(Facet, String); 6],
    sum: QualitySum,
}

/// A connection's figures as a row holds them.
struct Figures {
    joined_at: i64,
    first_at: Option<i64>,
    minutes: u32,
    score: Option<f64>,
    bad_minutes: u32,
}

impl Part {
    /// That of a connection; none if none of its minutes could be judged.
    pub(super) fn of(row: &QualityRow, quality: &StayQuality) -> Option<Part> {
        let figures = Figures {
            joined_at: row.joined_at.map_or(0, ms),
            first_at: quality.first_at.map(ms),
            minutes: quality.minutes,
            score: quality.score,
            bad_minutes: quality.bad_minutes,
        };
        Part::from(&figures, &row.details)
    }

    fn from(figures: &Figures, details: &BTreeMap<String, String>) -> Option<Part> {
        let minutes = i64::from(figures.minutes);
        let at = Some(figures.joined_at).filter(|at| *at != 0).or(figures.first_at);
        let day = at.filter(|_| minutes > 0)?.div_euclid(DAY_MS);
        let bad_minutes = i64::from(figures.bad_minutes);
        #[allow(clippy::cast_possible_truncation)]
        let score = (figures.score.unwrap_or(0.0) * 100.0).round() as i64;
        let value = |facet: Facet| {
            let told = facet.detail().and_then(|name| details.get(name)).map_or("", |value| value.trim());
            (facet, told.trim_end_matches(';').chars().take(VALUE_MAX).collect())
        };
        Some(Part {
            day,
            values: Facet::ALL.map(value),
            sum: QualitySum {
                stays: 1,
                poor_stays: i64::from(bad_minutes * 10 >= minutes && bad_minutes > 0),
                minutes,
                bad_minutes,
                score_minutes: score * minutes,
            },
        })
    }
}

impl QualitySum {
    /// Adds others.
    pub fn add(&mut self, other: QualitySum) {
        self.stays += other.stays;
        self.poor_stays += other.poor_stays;
        self.minutes += other.minutes;
        self.bad_minutes += other.bad_minutes;
        self.score_minutes += other.score_minutes;
    }

    fn negative(self) -> QualitySum {
        QualitySum {
            stays: -self.stays,
            poor_stays: -self.poor_stays,
            minutes: -self.minutes,
            bad_minutes: -self.bad_minutes,
            score_minutes: -self.score_minutes,
        }
    }

    /// Mean score over the minutes, 0 to 100; none where there are none.
    #[allow(clippy::cast_precision_loss)]
    pub fn score(&self) -> Option<f64> {
        (self.minutes > 0).then(|| self.score_minutes as f64 / 100.0 / self.minutes as f64)
    }

    /// Bad minutes among all, 0 to 1; none where there are none.
    #[allow(clippy::cast_precision_loss)]
    pub fn bad_share(&self) -> Option<f64> {
        (self.minutes > 0).then(|| self.bad_minutes as f64 / self.minutes as f64)
    }
}

impl Store {
    /// What is summed up of a connection before it is replaced.
    pub(super) fn summed_part(&self, instance: i64, row: &QualityRow) -> Result<Option<Part>> {
        let joined_at = row.joined_at.map_or(0, ms);
        let held = self
            .connection
            .prepare_cached(HELD)?
            .query_row((instance, &row.user_id, joined_at), |held| {
                let figures = Figures {
                    joined_at,
                    first_at: held.get(1)?,
                    minutes: held.get(2)?,
                    score: held.get(3)?,
                    bad_minutes: held.get(4)?,
                };
                Ok((held.get::<_, i64>(0)?, figures, held.get::<_, Vec<u8>>(5)?))
            })
            .optional()?;
        let Some((id, figures, bytes)) = held else { return Ok(None) };
        if !self.is_summed(id)? {
            return Ok(None);
        }
        Ok(Part::from(&figures, &details(&bytes)?))
    }

    /// Takes the connections of an instance out of the sums, before they are deleted.
    pub(crate) fn unsum_instance(&mut self, instance: i64) -> Result<()> {
        let mut parts = Vec::new();
        for (row, _) in self.quality_rows(instance)? {
            parts.extend(self.summed_part(instance, &row)?);
        }
        parts.iter().try_for_each(|part| self.add_part(part, part.sum.negative()))
    }

    /// Whether a connection is in the sums, or will be there at once: all are but those that were kept before the sums
    /// began and have not had their turn.
    pub(super) fn is_summed(&self, id: i64) -> Result<bool> {
        let sql = "select ?1 <= done_id or ?1 > end_id from quality_day_progress";
        Ok(self.connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
    }

    /// Puts one connection's part into the sums in place of another.
    pub(super) fn replace_part(&mut self, old: Option<Part>, new: Option<Part>) -> Result<()> {
        if let Some(old) = old {
            self.add_part(&old, old.sum.negative())?;
        }
        if let Some(new) = new {
            self.add_part(&new, new.sum)?;
        }
        Ok(())
    }

    fn add_part(&mut self, part: &Part, sum: QualitySum) -> Result<()> {
        part.values.iter().try_for_each(|(facet, value)| self.add_sum(*facet, part.day, value, sum))?;
        self.note_changed(part.day)
    }

    fn note_changed(&mut self, day: i64) -> Result<()> {
        self.connection.prepare_cached(CHANGED)?.execute([day])?;
        Ok(())
    }

    fn add_sum(&mut self, facet: Facet, day: i64, value: &str, sum: QualitySum) -> Result<()> {
        let QualitySum { stays, poor_stays, minutes, bad_minutes, score_minutes } = sum;
        let row = (facet.name(), day, value, stays, poor_stays, minutes, bad_minutes, score_minutes);
        self.connection.prepare_cached(ADD)?.execute(row)?;
        Ok(())
    }

    /// Sums up some of the connections that were kept before the sums began; whether more are left. In one transaction.
    ///
    /// # Errors
    /// If the store cannot be used.
    pub fn sum_earlier_quality(&mut self, at_most: u32) -> Result<bool> {
        self.atomically(|store| {
            let sql = "select done_id, end_id from quality_day_progress";
            let (done, end): (i64, i64) =
                store.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if done >= end {
                return Ok(false);
            }
            let mut sums: BTreeMap<(Facet, i64, String), QualitySum> = BTreeMap::new();
            let last = store.earlier_parts((done, end), at_most, |part| {
                for (facet, value) in part.values {
                    sums.entry((facet, part.day, value)).or_default().add(part.sum);
                }
            })?;
            let days: BTreeSet<i64> = sums.keys().map(|(_, day, _)| *day).collect();
            for ((facet, day, value), sum) in sums {
                store.add_sum(facet, day, &value, sum)?;
            }
            days.into_iter().try_for_each(|day| store.note_changed(day))?;
            let done = last.unwrap_or(end);
            store.connection.execute("update quality_day_progress set done_id = ?1", [done])?;
            Ok(done < end)
        })
    }

    /// Visits connections between two numbers; the last one's.
    fn earlier_parts(
        &self,
        (done, end): (i64, i64),
        at_most: u32,
        mut visit: impl FnMut(Part),
    ) -> Result<Option<i64>> {
        let mut last = None;
        let mut statement = self.connection.prepare_cached(NOT_SUMMED)?;
        let mut rows = statement.query((done, end, at_most))?;
        while let Some(row) = rows.next()? {
            last = Some(row.get(0)?);
            let figures = Figures {
                joined_at: row.get(1)?,
                first_at: row.get(2)?,
                minutes: row.get(3)?,
                score: row.get(4)?,
                bad_minutes: row.get(5)?,
            };
            let bytes: Vec<u8> = row.get(6)?;
            Part::from(&figures, &details(&bytes)?).into_iter().for_each(&mut visit);
        }
        Ok(last)
    }

    /// The sums of a facet, by day and value, days inclusive and counted from 1970 UTC.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_days(&self, facet: Facet, from: i64, to: i64) -> Result<Vec<QualityDay>> {
        let mut statement = self.connection.prepare_cached(DAYS)?;
        let rows = statement.query_map((facet.name(), from, to), |row| {
            let sum = QualitySum {
                stays: row.get(2)?,
                poor_stays: row.get(3)?,
                minutes: row.get(4)?,
                bad_minutes: row.get(5)?,
                score_minutes: row.get(6)?,
            };
            Ok(QualityDay { day: row.get(0)?, value: row.get(1)?, sum })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Days whose sums changed after change number `after`, with the numbers of their last changes, earliest change first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn quality_days_changed(&self, after: i64) -> Result<Vec<(i64, i64)>> {
        let mut statement = self.connection.prepare_cached(CHANGED_SINCE)?;
        let rows = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The instances of some days (UTC, counted from 1970, inclusive) with most bad minutes, after one of them; those with
    /// none are left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn worst_quality(
        &self,
        (from, to): (i64, i64),
        after: Option<Worst>,
        limit: u32,
    ) -> Result<Vec<Worst>> {
        let mut statement = self.connection.prepare_cached(WORST)?;
        let most = after.map_or(f64::MAX, |after| after.bad_minutes);
        let is_later = |one: &Worst| {
            after.is_none_or(|after| {
                one.bad_minutes < after.bad_minutes
                    || (one.bad_minutes == after.bad_minutes && one.instance > after.instance)
            })
        };
        // Worst first, never more than are wanted: a day is read only as far as it has any that belong among them.
        let mut all: Vec<Worst> = Vec::new();
        for day in from..=to {
            let mut rows = statement.query((day, most))?;
            while let Some(row) = rows.next()? {
                let one = Worst { instance: row.get(0)?, bad_minutes: row.get(1)? };
                // Those as bad as the one before may have been told.
                if !is_later(&one) {
                    continue;
                }
                let place = all.partition_point(|other| other.is_before(&one));
                if place >= limit as usize {
                    break;
                }
                all.truncate(limit as usize - 1);
                all.insert(place, one);
            }
        }
        Ok(all)
    }
}

fn details(bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let (mut row, mut quality) = (QualityRow::default(), StayQuality::default());
    packed::unpack(bytes, &mut row, &mut quality)?;
    Ok(row.details)
}
