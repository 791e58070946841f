//! What a teacher teaches.

use std::collections::BTreeSet;

use rollbook_moodle::on_both;
use rollbook_moodle::testing::TestSite;

async fn taught(site: &TestSite, email: Option<&str>, named: &[&str]) -> Vec<(String, Vec<u64>)> {
    let named: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
    let courses = site.connect().await.taught(email, &named).await.unwrap();
    courses.into_iter().map(|course| (course.short_name, course.numbers.into_iter().collect())).collect()
}

async fn whoever_has_a_teaching_role_teaches_the_course(mut site: TestSite) {
    let (algebra, latin, greek) =
        (site.course("ALG-1").await, site.course("LAT-1").await, site.course("GRE-1").await);
    for (course, number) in [(algebra, 91), (algebra, 92), (latin, 93)] {
        site.activity(course, number).await;
    }
    let ana = site.user("Ana", "Lopez", "Ana@Uni.example").await;
    site.enrol(ana, algebra, "editingteacher").await;
    site.enrol(ana, latin, "student").await;
    site.enrol(ana, greek, "teacher").await;
    let expected = [("ALG-1".to_owned(), vec![91, 92]), ("GRE-1".to_owned(), vec![])];
    assert_eq!(taught(&site, Some(" ana@uni.EXAMPLE"), &[]).await, expected);
    assert_eq!(taught(&site, Some("ben@uni.example"), &[]).await, []);
    site.execute(&format!("UPDATE {{user}} SET suspended = 1 WHERE id = {ana}")).await;
    assert_eq!(taught(&site, Some("ana@uni.example"), &[]).await, []);
}

async fn courses_may_be_named(mut site: TestSite) {
    let latin = site.course("LAT-1").await;
    site.activity(latin, 93).await;
    assert_eq!(taught(&site, None, &["lat-1", "NONE"]).await, [("LAT-1".to_owned(), vec![93])]);
    assert_eq!(taught(&site, Some(""), &[]).await, []);
}

on_both!(whoever_has_a_teaching_role_teaches_the_course, courses_may_be_named);
