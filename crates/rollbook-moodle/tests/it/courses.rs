//! Courses and activities.

use jiff::{SignedDuration, Timestamp};
use rollbook_core::roster::Activity;
use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;

async fn courses_are_read_as_they_are(mut site: TestSite) {
    let algebra = site.course("ALG-1").await;
    let latin = site.course("LÄT-1 😀").await;
    site.execute(&format!("UPDATE {{course}} SET visible = 0, idnumber = 'L1' WHERE id = {latin}")).await;
    let courses = site.connect().await.courses().await.unwrap();
    assert_eq!(courses.iter().map(|course| course.id).collect::<Vec<_>>(), [algebra, latin]);
    assert_eq!(courses[0].short_name, "ALG-1");
    assert_eq!(courses[1].short_name, "LÄT-1 😀");
    assert_eq!(courses[1].full_name, "The course LÄT-1 😀");
    assert_eq!((courses[0].id_number.as_str(), courses[1].id_number.as_str()), ("", "L1"));
    assert_eq!((courses[0].is_visible, courses[1].is_visible), (true, false));
}

async fn activities(site: &TestSite) -> Vec<Activity> {
    site.connect().await.activities().await.unwrap()
}

async fn an_activity_is_read_with_its_page(mut site: TestSite) {
    let course = site.course("ALG-1").await;
    // Another module's instance has the same number.
    site.insert(
        "course_modules",
        &[("course", course.into()), ("module", 1_i64.into()), ("instance", 1_i64.into())],
    )
    .await;
    let zoom = site.activity(course, 91_234_567_890).await;
    let module = site.numbers("SELECT max(id) FROM {course_modules}").await[0];
    let expected = Activity {
        id: zoom,
        module: Some(module),
        course,
        number: 91_234_567_890,
        host_id: "KDcuGIm1QgePTO8WbOqwIQ".to_owned(),
        name: "Meeting 91234567890".to_owned(),
        planned_start: Some("2026-10-01T10:00:00Z".parse::<Timestamp>().unwrap()),
        planned_length: SignedDuration::from_hours(1),
        is_recurring: false,
        is_webinar: false,
        grade_max: 0,
        grading_method: None,
        exists_on_zoom: true,
        is_visible: true,
    };
    assert_eq!(activities(&site).await, std::slice::from_ref(&expected));
    site.execute(
        "UPDATE {zoom} SET recurring = 1, webinar = 1, grade = 100, grading_method = 'period', exists_on_zoom = 0, \
         start_time = NULL, duration = NULL",
    )
    .await;
    site.execute("UPDATE {course_modules} SET visible = 0").await;
    let expected = Activity {
        planned_start: None,
        planned_length: SignedDuration::ZERO,
        is_recurring: true,
        is_webinar: true,
        grade_max: 100,
        grading_method: Some("period".to_owned()),
        exists_on_zoom: false,
        is_visible: false,
        ..expected
    };
    assert!(expected.grades_by_time());
    assert_eq!(activities(&site).await, [expected]);
}

async fn a_number_may_have_several_activities(mut site: TestSite) {
    let (first, second) = (site.course("A").await, site.course("B").await);
    let ids =
        [site.activity(first, 900).await, site.activity(first, 900).await, site.activity(second, 900).await];
    let found = activities(&site).await;
    assert_eq!(found.iter().map(|activity| activity.id).collect::<Vec<_>>(), ids);
    assert_eq!(found.iter().map(|activity| activity.course).collect::<Vec<_>>(), [first, first, second]);
    assert!(found.iter().all(|activity| activity.number == 900));
}

async fn a_copy_without_a_number_is_left_out(mut site: TestSite) {
    let course = site.course("A").await;
    site.activity(course, 0).await;
    let zoom = site.activity(course, 900).await;
    assert_eq!(activities(&site).await.iter().map(|activity| activity.id).collect::<Vec<_>>(), [zoom]);
}

async fn an_activity_that_is_being_deleted_has_no_page(mut site: TestSite) {
    let course = site.course("A").await;
    let (deleted, gone) = (site.activity(course, 900).await, site.activity(course, 901).await);
    site.execute(&format!("UPDATE {{course_modules}} SET deletioninprogress = 1 WHERE instance = {deleted}"))
        .await;
    site.execute(&format!("DELETE FROM {{course_modules}} WHERE instance = {gone}")).await;
    let modules: Vec<_> = activities(&site).await.iter().map(|activity| activity.module).collect();
    assert_eq!(modules, [None, None]);
}

on_both!(
    courses_are_read_as_they_are,
    an_activity_is_read_with_its_page,
    a_number_may_have_several_activities,
    a_copy_without_a_number_is_left_out,
    an_activity_that_is_being_deleted_has_no_page,
);
