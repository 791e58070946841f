-- What was told to a Moodle's web service about grades: a line for each student, activity and telling.
-- outcome: sent (nobody knows whether Moodle took it), taken, refused. Times are milliseconds since 1970 UTC.
create table grade_receipt (
    receipt_id integer primary key,
    site text not null,
    course integer not null,
    module integer not null,
    student integer not null,
    points real not null,
    sent_at integer not null,
    outcome text not null,
    answer text
);
create index grade_receipt_by_student on grade_receipt (site, module, student, receipt_id);
