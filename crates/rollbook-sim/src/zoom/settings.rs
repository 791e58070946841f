//! Settings of the account and of its users.

use super::ask::Ask;
use super::changes::{Changes, host};
use super::json::object;
use super::reply::Reply;
use crate::world::World;

/// `GET /accounts/me/settings`
pub(super) fn of_account(world: &World, ask: &Ask) -> Result<Reply, Reply> {
    let id = ask.plain_id();
    if id != "me" && id != world.options.credentials.account_id {
        return Err(Reply::error(404, 2001, &format!("Account does not exist: {id}.")));
    }
    let words = world.options.zoom.quality_words;
    Ok(Reply::ok(object(|object| {
        let capacity = r#"{"meeting_capacity":1000}"#;
        let asks = world.options.zoom.feedback;
        let inside =
            format!(r#"{{"attendee_on_hold":true,"breakout_room":true,"post_meeting_feedback":{asks}}}"#);
        object.bare("feature", capacity).bare("in_meeting", inside);
        object.bare("schedule_meeting", r#"{"join_before_host":true,"personal_meeting":true}"#);
        object.bare("other_options", format!(r#"{{"meeting_qos_and_mos":{}}}"#, u8::from(words)));
    })))
}

/// `GET /users/{userId}/settings`
pub(super) fn of_user(world: &World, changes: &Changes, ask: &Ask) -> Result<Reply, Reply> {
    let host = host(world, changes, &ask.plain_id())?;
    let capacity = match host.licence {
        2 => 300,
        99 => 0,
        _ => 100,
    };
    let asks = world.options.zoom.feedback;
    Ok(Reply::ok(object(|object| {
        object.bare(
            "feature",
            format!(r#"{{"meeting_capacity":{capacity},"large_meeting":false,"webinar":false}}"#),
        );
        object.bare(
            "in_meeting",
            format!(
                r#"{{"attendee_on_hold":true,"breakout_room":true,"waiting_room":true,"post_meeting_feedback":{asks}}}"#
            ),
        );
        object.bare("schedule_meeting", r#"{"join_before_host":true,"personal_meeting":true}"#);
    })))
}
