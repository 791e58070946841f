//! The defects one instance was born with, drawn once from its own dice.

use std::collections::BTreeMap;

use super::Faults;
use crate::chance::Dice;
use crate::day::{DAY, Instance};
use crate::options::{Options, Plan};
use crate::truth::Family;

/// No data are later than this after the end, in seconds.
const LATEST: i64 = 20 * 3600;

/// All that is wrong with one instance.
pub(crate) struct Defects {
    /// From when lists show it.
    pub(crate) listed_from: i64,
    /// From when lists show its times; `i64::MAX` for never.
    pub(crate) times_from: i64,
    /// The count lists and details show once they show one.
    pub(crate) count: u32,
    pub(crate) has_text_id: bool,
    pub(crate) has_numeric_times: bool,
    pub(crate) has_group_text: bool,
    pub(crate) has_unknown_fields: bool,
    pub(crate) families: BTreeMap<Family, FamilyData>,
    /// The same, for people.
    pub(crate) words: Vec<String>,
}

/// When and how one endpoint family answers about one instance.
#[derive(Clone)]
pub(crate) struct FamilyData {
    /// From when it has any row.
    pub(crate) appears: i64,
    /// From when it has every row, every time and every duration.
    pub(crate) complete: i64,
    /// Between `appears` and `complete` all rows are there, with `duration` 0.
    pub(crate) has_zero_durations: bool,
    /// A time in which it answers 3001 again.
    pub(crate) gap: Option<(i64, i64)>,
    pub(crate) forever: Option<Forever>,
    /// Report lines that come twice.
    pub(crate) repeats: bool,
}

/// A defect that is never mended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Forever {
    Missing,
    Empty,
    /// Only this many in-meeting rows.
    Short(u32),
}

impl FamilyData {
    /// From when every answer is complete, if ever.
    pub(crate) fn complete_from(&self) -> Option<i64> {
        match self.forever {
            Some(_) => None,
            None => Some(self.gap.map_or(self.complete, |(_, until)| self.complete.max(until))),
        }
    }
}

impl Defects {
    /// Draws the defects of one instance.
    pub(crate) fn draw(instance: &Instance, options: &Options, dice: &mut Dice) -> Defects {
        let faults = &options.faults;
        let end = instance.end;
        let mut defects = Defects {
            listed_from: end,
            times_from: end,
            count: instance.people,
            has_text_id: dice.hit(faults.text_ids),
            has_numeric_times: dice.hit(faults.numeric_times),
            has_group_text: dice.hit(faults.group_as_text),
            has_unknown_fields: dice.hit(faults.unknown_fields),
            families: BTreeMap::new(),
            words: Vec::new(),
        };
        defects.list_late(instance, options, dice);
        let is_count_sound = defects.spoil_list(instance, faults, dice);
        let sound = sound_family(instance, options, dice);
        for family in Family::ALL {
            let mut data = draw_family(end, faults, dice);
            let forever = draw_forever(instance, family, faults, dice);
            data.repeats = dice.hit(faults.repeated_lines) && family == Family::Report;
            if family != sound {
                data.forever = forever;
            }
            if !is_count_sound {
                data.stay_detectable();
            }
            defects.tell(family, &data, end);
            defects.families.insert(family, data);
        }
        defects
    }

    /// What this family does with the instance.
    pub(crate) fn family(&self, family: Family) -> &FamilyData {
        &self.families[&family]
    }

    fn list_late(&mut self, instance: &Instance, options: &Options, dice: &mut Dice) {
        let is_late = dice.hit(options.faults.late_listing);
        let late = match dice.below(100) {
            0..70 => dice.between(60, 3_600),
            70..95 => dice.between(3_600, 6 * 3_600),
            _ => dice.between(6 * 3_600, 18 * 3_600),
        };
        if is_late {
            // A list of the day of its start, read again 24 h after that day, must find it.
            let day_end = (instance.start.div_euclid(DAY) + 1) * DAY;
            self.listed_from = (instance.end + late).min((day_end + 23 * 3_600).max(instance.end));
            self.words.push(format!("listed {} late", spell(self.listed_from - instance.end)));
        }
    }

    /// Empty times and wrong counts. True when the count can be relied on.
    fn spoil_list(&mut self, instance: &Instance, faults: &Faults, dice: &mut Dice) -> bool {
        let empty = dice.hit(faults.empty_times);
        let forever = dice.hit(faults.empty_times_forever);
        let wrong = dice.hit(faults.wrong_count) && instance.people > 1;
        let empty_for = dice.between(600, 12 * 3_600);
        let off = dice.between(1, i64::from(instance.people / 2).max(1)) as u32;
        let less = dice.hit(0.5) && instance.people > off + 1;
        if forever {
            self.times_from = i64::MAX;
            self.words.push("lists never show its times or its count".into());
        } else if empty {
            self.times_from = instance.end + empty_for;
            self.words.push(format!("lists show its times after {}", spell(empty_for)));
        }
        if wrong {
            self.count = if less { instance.people - off } else { instance.people + off };
            self.words.push(format!("shows {} participants instead of {}", self.count, instance.people));
        }
        !(wrong || forever || empty)
    }

    fn tell(&mut self, family: Family, data: &FamilyData, end: i64) {
        let name = family.name();
        match data.forever {
            Some(Forever::Missing) => self.words.push(format!("{name} answers 3001 for ever")),
            Some(Forever::Empty) => self.words.push(format!("{name} shows no row for ever")),
            Some(Forever::Short(rows)) => {
                self.words.push(format!("{name} shows only {rows} in-meeting rows for ever"));
            }
            None if data.complete > end => {
                let what = match (data.has_zero_durations, data.appears < data.complete) {
                    (true, _) => ", durations 0 before",
                    (false, true) => ", some rows before",
                    (false, false) => "",
                };
                self.words.push(format!("{name} complete after {}{what}", spell(data.complete - end)));
            }
            None => {}
        }
        if let Some((from, until)) = data.gap {
            self.words.push(format!(
                "{name} answers 3001 from {} to {} after the end",
                spell(from - end),
                spell(until - end)
            ));
        }
        if data.repeats {
            self.words.push("report lines come twice".into());
        }
    }
}

impl FamilyData {
    /// Takes away every state in which a list is silently short.
    fn stay_detectable(&mut self) {
        if !self.has_zero_durations {
            self.appears = self.complete;
        }
        if matches!(self.forever, Some(Forever::Short(_) | Forever::Empty)) {
            self.forever = Some(Forever::Missing);
        }
    }
}

/// The family that is never spoilt for ever.
fn sound_family(instance: &Instance, options: &Options, dice: &mut Dice) -> Family {
    let past = dice.hit(0.5);
    let has_dashboards = options.plan == Plan::Business && options.zoom.dashboards;
    match instance.people {
        0 | 1 if has_dashboards || !options.zoom.one_person_in_past => Family::Metrics,
        0 | 1 => Family::PastMeetings,
        _ if past => Family::PastMeetings,
        _ => Family::Report,
    }
}

fn draw_family(end: i64, faults: &Faults, dice: &mut Dice) -> FamilyData {
    let late = match dice.below(100) {
        0..80 => dice.between(20, 300),
        80..95 => dice.between(300, 3_600),
        95..99 => dice.between(3_600, 6 * 3_600),
        _ => dice.between(6 * 3_600, LATEST),
    };
    let begins = 0.1 + 0.8 * dice.share();
    let grows = dice.hit(faults.growing);
    let has_zero_durations = dice.hit(faults.zero_duration);
    let has_gap = dice.hit(faults.wrong_not_found);
    let gap_after = dice.between(0, 12 * 3_600);
    let gap_for = dice.between(300, 5_400);
    let late = if faults.late_data { late } else { 0 };
    let complete = end + late;
    let has_zero_durations = has_zero_durations && late > 0;
    let grows = grows && late > 0;
    let appears = if grows || has_zero_durations { end + (late as f64 * begins) as i64 } else { complete };
    let gap_from = (complete + gap_after).min(end + LATEST - gap_for).max(complete);
    FamilyData {
        appears,
        complete,
        has_zero_durations,
        gap: has_gap.then_some((gap_from, (gap_from + gap_for).min(end + LATEST))).filter(|(a, b)| a < b),
        forever: None,
        repeats: false,
    }
}

fn draw_forever(instance: &Instance, family: Family, faults: &Faults, dice: &mut Dice) -> Option<Forever> {
    let missing = dice.hit(faults.missing_forever);
    let empty = dice.hit(faults.empty_forever);
    let short = dice.hit(faults.short_forever);
    let fewer = dice.hit(faults.fewer_in_metrics) && family == Family::Metrics;
    let kept = 0.4 + 0.6 * dice.share();
    // Fewer rows than people, so that the loss shows.
    let rows = ((f64::from(instance.people) * kept) as u32).min(instance.people.saturating_sub(1));
    match (missing, empty, short || fewer) {
        (true, _, _) => Some(Forever::Missing),
        (_, true, _) => Some(Forever::Empty),
        (_, _, true) if rows > 0 => Some(Forever::Short(rows)),
        (_, _, true) => Some(Forever::Empty),
        _ => None,
    }
}

/// A stretch of time for people.
fn spell(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
