//! Calls that other apps on the account make.

use super::Label;
use crate::options::OtherApps;

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;

/// Calls under this label that other apps made after `from` and up to `until`, in microseconds since 1970.
pub(crate) fn others_between(apps: &OtherApps, label: Label, from: i64, until: i64) -> u64 {
    let a_day = match label {
        Label::Light => 0,
        Label::Medium => apps.medium,
        Label::Heavy => apps.heavy,
        Label::ResourceIntensive => apps.resource_intensive,
    };
    others_until(apps, a_day, until).saturating_sub(others_until(apps, a_day, from))
}

/// Calls since 1970: whole days, and the part of today's hours that has passed.
fn others_until(apps: &OtherApps, a_day: u32, at: i64) -> u64 {
    let hours = i64::from(apps.to_hour.min(24)) - i64::from(apps.from_hour);
    if a_day == 0 || hours <= 0 {
        return 0;
    }
    let day = at.div_euclid(DAY);
    let open = (at.rem_euclid(DAY) - i64::from(apps.from_hour) * HOUR).clamp(0, hours * HOUR);
    let today = i128::from(a_day) * i128::from(open) / i128::from(hours * HOUR);
    day.unsigned_abs() * u64::from(a_day) + today as u64
}
