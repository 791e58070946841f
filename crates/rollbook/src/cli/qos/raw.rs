//! `--raw`: Zoom's own JSON as it came, and on an error its status, headers and body.

use anyhow::bail;
use rollbook_core::budget::Purpose;
use rollbook_core::instance::{Instance, Kind};
use rollbook_store::Record;
use rollbook_zoom::endpoint::metrics_qos::{
    GetMetricsMeetingParticipantQos, GetMetricsWebinarParticipantQos, ListMetricsMeetingParticipantsQos,
    ListMetricsWebinarParticipantsQos, QosType,
};
use rollbook_zoom::{
    Advice, MeetingId, MeetingRef, MeetingUuid, ParticipantId, RawAnswer, RawRequest, SkipReason,
};

use super::{Qos, Target, Type, guessed};
use crate::cli::context::Context;
use crate::cli::{Exit, output};
use crate::collector::account::Failure;

/// Asks once for each connection meant (or for the first page of everybody) and shows what came.
pub async fn run(command: &Qos, context: &Context<'_>, records: &[Record]) -> anyhow::Result<Exit> {
    let mut collector = command.start(context).await?;
    let mut exit = Exit::Done;
    for target in command.targets(&collector, records)? {
        let kind = command.kind.map_or_else(|| guessed(&target), Type::zoom);
        for participant in command.connections(&collector, &target)? {
            if participant.is_none() && command.participant.is_some() {
                bail!(
                    "--raw needs the id of one connection (the user_id of a participants list) where the store does \
                     not know the person; `rollbook qos {}` shows the ids",
                    command.meeting
                );
            }
            let request = request(&target.instance, participant, kind);
            let answer = collector.ask_raw(target.account, &request, Purpose::Person, 1).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    collector.finish(i32::from(Exit::Failed.code()), "no answer")?;
                    return Err(error.for_account(&collector.accounts[target.account].name));
                }
            };
            exit =
                exit.and(show(&target, &request, &answer, kind, &collector.accounts[target.account].name)?);
        }
    }
    collector.finish(i32::from(exit.code()), "call quality as Zoom tells it")?;
    context.keep_tokens(&collector.accounts).await;
    Ok(exit)
}

fn request(instance: &Instance, participant: Option<ParticipantId>, kind: QosType) -> RawRequest {
    let meeting = match (MeetingUuid::new(&instance.uuid), instance.number) {
        (Err(_), Some(number)) => MeetingRef::Id(MeetingId(number)),
        (uuid, _) => MeetingRef::Uuid(uuid.expect("a meeting is typed as a number or a UUID")),
    };
    match (instance.kind, participant) {
        (Kind::Meeting, Some(participant)) => {
            RawRequest::of(&GetMetricsMeetingParticipantQos { meeting, participant, kind })
        }
        (Kind::Meeting, None) => RawRequest::of(&ListMetricsMeetingParticipantsQos::new(meeting, kind)),
        (Kind::Webinar, Some(participant)) => {
            RawRequest::of(&GetMetricsWebinarParticipantQos { webinar: meeting, participant, kind })
        }
        (Kind::Webinar, None) => RawRequest::of(&ListMetricsWebinarParticipantsQos::new(meeting, kind)),
    }
}

fn show(
    target: &Target,
    request: &RawRequest,
    answer: &RawAnswer,
    kind: QosType,
    account: &str,
) -> anyhow::Result<Exit> {
    let Some(error) = &answer.error else {
        match serde_json::from_slice::<serde_json::Value>(&answer.body) {
            Ok(body) => output::json(&body)?,
            // Not JSON, though Zoom called it a success: as it came.
            Err(_) => output::line(String::from_utf8_lossy(&answer.body))?,
        }
        return Ok(Exit::Done);
    };
    eprintln!("rollbook: GET {} was refused:\n\n{}\n", request.target, answer.transcript());
    let failure = Failure::of(account, error);
    eprintln!("rollbook: {}", failure.message);
    let other = if kind == QosType::Live { "past" } else { "live" };
    match error.advice() {
        Advice::Skip(SkipReason::NotFoundOrNotEnded) => {
            let what = if target.instance.kind == Kind::Webinar { "a webinar" } else { "a meeting" };
            eprintln!(
                "rollbook: asked as {what} of type {}; try --type {other}, or {}",
                kind.as_str(),
                if target.instance.kind == Kind::Webinar { "leave --webinar out" } else { "--webinar" }
            );
        }
        _ if answer.status.as_u16() == 300 => eprintln!(
            "rollbook: status 300 without words is a known failure of this address: check meeting, participant and \
             type, then ask again"
        ),
        _ => {}
    }
    Ok(if failure.is_configuration { Exit::Usage } else { Exit::Failed })
}
