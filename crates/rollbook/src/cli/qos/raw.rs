//! `--raw`: Zoom's own JSON as it came, and on an error its status, headers and body.

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
use serde_json::Value;

use super::{Qos, Target, Type, guessed, ids_of, is_user_id, known_callers};
use crate::cli::context::Context;
use crate::cli::page::safe;
use crate::cli::{Exit, UsageError, output};
use crate::collector::Collector;
use crate::collector::account::Failure;

/// Asks once for each connection meant (or for the first page of everybody) and shows what came.
pub async fn run(command: &Qos, context: &Context<'_>, records: &[Record]) -> anyhow::Result<Exit> {
    let mut collector = command.start(context).await?;
    let outcome = ask(command, &mut collector, records).await;
    let code = outcome.as_ref().map_or_else(crate::cli::exit_of, |exit| *exit);
    collector.finish(i32::from(code.code()), "call quality as Zoom tells it")?;
    context.keep_tokens(&collector.accounts).await;
    outcome
}

async fn ask(command: &Qos, collector: &mut Collector, records: &[Record]) -> anyhow::Result<Exit> {
    let targets = command.targets(collector, records)?;
    let mut exit = Exit::Done;
    for (target, participant) in connections(command, collector, &targets)? {
        let kind = command.kind.map_or_else(|| guessed(target), Type::zoom);
        let request = request(&target.instance, participant, kind);
        let answer = collector.ask_raw(target.account, &request, Purpose::Person, 1).await;
        let account = collector.accounts[target.account].name.as_str();
        let answer = answer.map_err(|error| error.for_account(account))?;
        exit = exit.and(show(target, &request, &answer, kind, account)?);
    }
    Ok(exit)
}

/// What to ask for. Where somebody is named, only ever that person's connections: what the store does not know is
/// sent as it was typed, as a program that asks Zoom itself would.
fn connections<'a>(
    command: &Qos,
    collector: &Collector,
    targets: &'a [Target],
) -> anyhow::Result<Vec<(&'a Target, Option<ParticipantId>)>> {
    let of_each = |id: Option<ParticipantId>| targets.iter().map(move |target| (target, id.clone()));
    let Some(wanted) = command.participant.as_deref().map(str::trim) else {
        return Ok(of_each(None).collect());
    };
    let typed = ParticipantId::new(wanted)
        .map_err(|_| UsageError("PARTICIPANT is blank; give a name, an e-mail or an id".to_owned()))?;
    let mut known = Vec::new();
    for target in targets {
        let all = known_callers(collector, target)?;
        if is_user_id(wanted) {
            // One connection is asked for, and not the person behind it.
            let is_there =
                all.iter().flat_map(|caller| &caller.connections).any(|one| one.stay.user_id == wanted);
            known.extend(is_there.then(|| (target, Some(typed.clone()))));
        } else {
            known.extend(ids_of(&all, wanted)?.into_iter().map(|id| (target, Some(id))));
        }
    }
    if !known.is_empty() {
        return Ok(known);
    }
    if !is_user_id(wanted) {
        eprintln!(
            "rollbook: the store knows nobody called {wanted:?} in this meeting; it is sent to Zoom as the id of a \
             connection"
        );
    }
    Ok(of_each(Some(typed)).collect())
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
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(body) => {
                output::json(&body)?;
                if has_more(&body) {
                    eprintln!(
                        "rollbook: this is the first page only; without --raw all of them are read, with PARTICIPANT \
                         one connection"
                    );
                }
            }
            // Not JSON, though its status says that all is well: as it came.
            Err(_) => output::line(safe_lines(&String::from_utf8_lossy(&answer.body)))?,
        }
        return Ok(Exit::Done);
    };
    eprintln!("rollbook: GET {} was refused:\n\n{}\n", request.target, harmless(&answer.transcript()));
    let failure = Failure::of(account, error);
    eprintln!("rollbook: {}", safe(&failure.message));
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
        _ if answer.status.as_u16() == 300 && answer.body.trim_ascii().is_empty() => eprintln!(
            "rollbook: status 300 without words is a known failure of this address: check meeting, participant and \
             type, then ask again"
        ),
        _ => {}
    }
    Ok(if failure.is_configuration { Exit::Usage } else { Exit::Failed })
}

fn has_more(body: &Value) -> bool {
    body["next_page_token"].as_str().is_some_and(|token| !token.trim().is_empty())
}

/// An answer as it may stand on a terminal and be sent to somebody: whatever stands between Zoom and us may have
/// written it. Cookies are keys, so that their values are left out.
fn harmless(transcript: &str) -> String {
    let (head, body) = transcript.split_once("\n\n").unwrap_or((transcript, ""));
    let shown = |line: &str| match line.split_once(':') {
        Some((name, _)) if name.trim().eq_ignore_ascii_case("set-cookie") => format!("{name}: [not shown]"),
        _ => safe(line),
    };
    let head: Vec<String> = head.lines().map(shown).collect();
    format!("{}\n\n{}", head.join("\n"), safe_lines(body))
}

/// Text of several lines as it may stand on a terminal.
fn safe_lines(text: &str) -> String {
    text.lines().map(safe).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_in_an_answer_reaches_the_terminal_but_text() {
        let transcript = "HTTP 502 Bad Gateway\nvia: \u{1b}[2Jproxy\nset-cookie: session=key; path=/\n\n\
                          <html>\r\n\u{1b}]0;mine\u{7}\nset-cookie: in words\n\n</html>";
        assert_eq!(
            harmless(transcript),
            "HTTP 502 Bad Gateway\nvia: \u{fffd}[2Jproxy\nset-cookie: [not shown]\n\n\
             <html>\n\u{fffd}]0;mine\u{fffd}\nset-cookie: in words\n\n</html>"
        );
        assert_eq!(harmless("HTTP 300 Multiple Choices\n\n"), "HTTP 300 Multiple Choices\n\n");
    }

    #[test]
    fn only_a_token_with_something_in_it_leads_to_a_further_page() {
        for (body, expected) in [
            (json!({"next_page_token": "abc"}), true),
            (json!({"next_page_token": ""}), false),
            (json!({"next_page_token": null}), false),
            (json!([]), false),
        ] {
            assert_eq!(has_more(&body), expected, "{body}");
        }
    }
}
