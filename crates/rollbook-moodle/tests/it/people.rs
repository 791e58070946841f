//! Rosters, and users by e-mail.

use jiff::Timestamp;
use rollbook_core::roster::{Member, Roster};
use rollbook_moodle::testing::TestSite;
use rollbook_moodle::{Weight, on_both};

const NOW: i64 = 1_790_848_800;

async fn roster(site: &TestSite, course: i64) -> Roster {
    let now = Timestamp::from_second(NOW).unwrap();
    site.connect().await.roster(course, now).await.unwrap().expect("the course is there")
}

async fn a_roster_has_everybody_with_their_roles(mut site: TestSite) {
    let (course, other) = (site.course("ALG-1").await, site.course("LAT-1").await);
    let teacher = site.user("Chloé", "Martin", "chloe@example.edu").await;
    let student = site.user("Ana", "López", "Ana.Lopez@example.edu").await;
    let elsewhere = site.user("Bo", "Ek", "bo@example.edu").await;
    site.enrol(student, course, "student").await;
    site.enrol(teacher, course, "editingteacher").await;
    site.enrol(elsewhere, other, "student").await;
    site.enrol(student, other, "teacher").await;
    let student_also = format!(
        "INSERT INTO {{role_assignments}} (roleid, contextid, userid) SELECT r.id, c.id, {teacher} FROM {{role}} r, {{context}} c \
         WHERE r.shortname = 'student' AND c.contextlevel = 50 AND c.instanceid = {course}"
    );
    site.execute(&student_also).await;
    let roster = roster(&site, course).await;
    assert_eq!(roster.course.short_name, "ALG-1");
    let told = |member: &Member| {
        (member.user.id, member.user.full_name(), member.roles.clone(), member.is_active, member.is_student())
    };
    assert_eq!(
        roster.members.iter().map(told).collect::<Vec<_>>(),
        [
            (
                teacher,
                "Chloé Martin".to_owned(),
                vec!["editingteacher".to_owned(), "student".to_owned()],
                true,
                true
            ),
            (student, "Ana López".to_owned(), vec!["student".to_owned()], true, true),
        ]
    );
    assert_eq!(roster.members[1].user.email, "Ana.Lopez@example.edu");
    assert_eq!(roster.members[1].user.identifier, "Ana.Lopez@example.edu");
}

/// Whether a user is active after a change of how they are enrolled; none where they are no longer there.
async fn active_after(site: &mut TestSite, course: i64, change: &str) -> Option<bool> {
    site.execute(change).await;
    roster(site, course).await.members.first().map(|member| member.is_active)
}

async fn who_is_active_follows_moodles_rules(mut site: TestSite) {
    let course = site.course("A").await;
    let user = site.user("Ana", "Lopez", "ana@example.edu").await;
    site.enrol(user, course, "student").await;
    let site = &mut site;
    let times =
        |start: i64, end: i64| format!("UPDATE {{user_enrolments}} SET timestart = {start}, timeend = {end}");
    assert_eq!(active_after(site, course, &times(0, 0)).await, Some(true));
    assert_eq!(active_after(site, course, &times(NOW, NOW + 1)).await, Some(true));
    assert_eq!(active_after(site, course, &times(NOW + 1, 0)).await, Some(false));
    assert_eq!(active_after(site, course, &times(0, NOW)).await, Some(false));
    site.execute(&times(0, 0)).await;
    assert_eq!(active_after(site, course, "UPDATE {user_enrolments} SET status = 1").await, Some(false));
    site.execute("UPDATE {user_enrolments} SET status = 0").await;
    assert_eq!(active_after(site, course, "UPDATE {enrol} SET status = 1").await, Some(false));
    // Enrolled in two ways, once without effect.
    let method = site.insert("enrol", &[("enrol", "self".into()), ("courseid", course.into())]).await;
    let columns = [("enrolid", method.into()), ("userid", user.into())];
    site.insert("user_enrolments", &columns).await;
    assert_eq!(roster(site, course).await.members.len(), 1);
    assert_eq!(active_after(site, course, "UPDATE {course} SET visible = 0").await, Some(true));
    assert_eq!(active_after(site, course, "UPDATE {user} SET suspended = 1").await, Some(false));
    assert!(roster(site, course).await.members[0].user.is_suspended);
    assert_eq!(active_after(site, course, "UPDATE {user} SET deleted = 1").await, None);
}

async fn a_course_that_is_gone_has_no_roster(mut site: TestSite) {
    let course = site.course("A").await;
    assert_eq!(roster(&site, course).await.members, []);
    let now = Timestamp::from_second(NOW).unwrap();
    assert_eq!(site.connect().await.roster(course + 1, now).await.unwrap(), None);
}

async fn identifiers(site: &TestSite, course: i64) -> Vec<String> {
    roster(site, course).await.members.into_iter().map(|member| member.user.identifier).collect()
}

async fn the_identifier_is_the_field_that_the_plugin_names(mut site: TestSite) {
    let course = site.course("A").await;
    for name in ["ana", "bo"] {
        let user = site.user(name, "Ek", &format!("{name}@example.edu")).await;
        site.enrol(user, course, "student").await;
    }
    site.execute("UPDATE {user} SET idnumber = '4711' WHERE firstname = 'ana'").await;
    site.set_config("apiidentifier", "username").await;
    assert_eq!(identifiers(&site, course).await, ["ana", "bo"]);
    site.set_config("apiidentifier", "idnumber").await;
    assert_eq!(identifiers(&site, course).await, ["4711", "bo@example.edu"]);
}

async fn the_identifier_may_be_a_field_of_the_sites_own(mut site: TestSite) {
    let course = site.course("A").await;
    let mut users = Vec::new();
    for name in ["ana", "bo"] {
        let user = site.user(name, "Ek", &format!("{name}@example.edu")).await;
        site.enrol(user, course, "student").await;
        users.push(user);
    }
    site.set_config("apiidentifier", "zoomlogin").await;
    let (ana, bo) = ("ana@example.edu", "bo@example.edu");
    let words = "profile field zoomlogin, which may not be read";
    let warned = |report: rollbook_moodle::SchemaReport| {
        report
            .findings
            .iter()
            .any(|finding| finding.weight == Weight::Warning && finding.what.contains(words))
    };
    // Without the tables, and without the right to them, the e-mail does.
    assert_eq!(identifiers(&site, course).await, [ana, bo]);
    assert!(warned(site.connect().await.check().await.unwrap()));
    site.execute("CREATE TABLE {user_info_field} (id bigint, shortname varchar(255), datatype varchar(255))")
        .await;
    site.execute("CREATE TABLE {user_info_data} (id bigint, userid bigint, fieldid bigint, data text)").await;
    site.execute("INSERT INTO {user_info_field} VALUES (1, 'shoes', 'text'), (2, 'zoomlogin', 'text')").await;
    site.execute(&format!(
        "INSERT INTO {{user_info_data}} VALUES (1, {0}, 1, '43'), (2, {0}, 2, 'ana.zoom')",
        users[0]
    ))
    .await;
    assert_eq!(identifiers(&site, course).await, ["ana.zoom", bo]);
    assert!(!warned(site.connect().await.check().await.unwrap()));
    site.settings = site.least().await;
    assert_eq!(identifiers(&site, course).await, [ana, bo]);
    assert!(warned(site.connect().await.check().await.unwrap()));
}

async fn found(site: &TestSite, emails: &[&str]) -> Vec<i64> {
    let emails: Vec<String> = emails.iter().map(|email| (*email).to_owned()).collect();
    let users = site.connect().await.users_by_email(&emails).await.unwrap();
    users.into_iter().map(|user| user.id).collect()
}

async fn users_are_found_by_email_whatever_its_case(mut site: TestSite) {
    let ana = site.user("Ana", "Lopez", "Ana.Lopez@Example.edu").await;
    let bo = site.user("Bo", "Ek", "bo@example.edu").await;
    // Another user of the same address, and one whose address only looks alike to MariaDB.
    let twin = site.user("Bob", "Ek", "bob@example.edu").await;
    site.execute(&format!("UPDATE {{user}} SET email = 'bo@example.edu' WHERE id = {twin}")).await;
    let alike = site.user("Boo", "Ek", "boo@example.edu").await;
    site.execute(&format!("UPDATE {{user}} SET email = 'bö@example.edu' WHERE id = {alike}")).await;
    assert_eq!(found(&site, &["ana.lopez@example.EDU", "nobody@example.edu", ""]).await, [ana]);
    assert_eq!(found(&site, &["BO@example.edu", "bo@example.edu"]).await, [bo, twin]);
    assert_eq!(found(&site, &[]).await, [0_i64; 0]);
    site.execute(&format!("UPDATE {{user}} SET suspended = 1 WHERE id = {bo}")).await;
    site.execute(&format!("UPDATE {{user}} SET deleted = 1 WHERE id = {ana}")).await;
    assert_eq!(found(&site, &["ana.lopez@example.edu", "bo@example.edu"]).await, [twin]);
}

async fn any_number_of_addresses_can_be_asked_for(mut site: TestSite) {
    let user = site.user("Ana", "Lopez", "person2499@example.edu").await;
    let emails: Vec<String> = (0..2_500).map(|number| format!("person{number}@example.edu")).collect();
    let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
    assert_eq!(found(&site, &emails).await, [user]);
}

on_both!(
    a_roster_has_everybody_with_their_roles,
    who_is_active_follows_moodles_rules,
    a_course_that_is_gone_has_no_roster,
    the_identifier_is_the_field_that_the_plugin_names,
    the_identifier_may_be_a_field_of_the_sites_own,
    users_are_found_by_email_whatever_its_case,
    any_number_of_addresses_can_be_asked_for,
);
