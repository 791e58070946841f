use rollbook_core::request::Role;

use crate::web::tests::site::Site;

async fn found(query: &str) -> Vec<String> {
    let view = Site::campus().get_as(Role::Analyst, &format!("/api/v1/meetings?{query}")).await;
    assert_eq!(view.status, 200, "{}", view.body);
    let view = view.json();
    let topics = view["meetings"].as_array().unwrap().iter();
    topics.map(|one| one["meeting_uuid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_last_days_meetings_are_listed_page_by_page() {
    let site = Site::campus();
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let view = site.get_as(Role::Analyst, &format!("/api/v1/meetings?cursor={after}")).await.json();
        all.extend(view["meetings"].as_array().unwrap().iter().map(|one| one["started_at"].clone()));
        let Some(next) = view["next"].as_str() else {
            assert_eq!(view["count"], all.len());
            break;
        };
        after = next.to_owned();
    }
    assert!(all.len() > 50, "one page is no test of paging: {}", all.len());
    let page = site.get_as(Role::Analyst, "/meetings").await;
    assert!(page.status == 200 && page.body.contains("Earlier meetings"), "{}", page.body);
}

#[tokio::test]
async fn a_meeting_is_found_by_number_uuid_and_words() {
    let all = Site::campus().get_as(Role::Analyst, "/api/v1/meetings").await.json();
    let one = all["meetings"].as_array().unwrap().iter().find(|one| one["topic"].is_string()).unwrap();
    let uuid = one["meeting_uuid"].as_str().unwrap();
    for query in [uuid, &one["meeting_id"].to_string(), one["topic"].as_str().unwrap()] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
        assert!(found(&query).await.iter().any(|found| found == uuid), "{query}");
    }
    assert_eq!(found("q=no+such+meeting").await, Vec::<String>::new());
}

#[tokio::test]
async fn filters_leave_out_what_does_not_fit() {
    let site = Site::campus();
    let count = async |query: &str| {
        let view = site.get_as(Role::Analyst, &format!("/api/v1/meetings?{query}")).await.json();
        view["count"].as_u64().unwrap()
    };
    let all = count("").await;
    let [open, verified] = [count("state=open").await, count("state=verified").await];
    assert!(open > 0 && verified > 0 && open + verified <= all, "{open} {verified} {all}");
    let [bad, some] = [count("quality=bad").await, count("quality=some").await];
    assert!(0 < bad && bad <= some, "{bad} {some}");
    assert_eq!(some + count("quality=good").await + count("quality=unknown").await, all);
    assert_eq!(count("from=2026-10-05&to=2026-10-05").await + count("from=2026-10-06").await, all);
    assert_eq!(found("course=1").await, Vec::<String>::new());
}

#[tokio::test]
async fn wrong_filters_are_told_in_words() {
    let site = Site::campus();
    for (query, words) in [
        ("from=yesterday", "is no day"),
        ("from=2026-10-06&to=2026-10-05", "before they begin"),
        ("state=done", "use open, live"),
        ("quality=5", "use bad, some"),
        ("course=MATH", "is no id of a Moodle course, and no Moodle is configured"),
        ("colour=red", "colour"),
        ("cursor=1", "none of this list"),
    ] {
        let answer = site.get_as(Role::Analyst, &format!("/meetings?{query}")).await;
        assert!(answer.status == 400 && answer.body.contains(words), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_teacher_sees_meetings_of_their_courses_only() {
    let site = Site::campus();
    let all = site.get_as(Role::Analyst, "/api/v1/meetings").await.json();
    let number = all["meetings"][0]["meeting_id"].as_u64().unwrap();
    let none = site.get_as_teacher_of(&[], "/api/v1/meetings").await;
    assert_eq!((none.status, none.json()["count"].as_u64()), (200, Some(0)));
    let page = site.get_as_teacher_of(&[number], "/meetings").await.body;
    assert!(page.contains("href=\"/courses\"") && !page.contains("href=\"/quality\""), "{page}");
    let own = site.get_as_teacher_of(&[number], "/api/v1/meetings").await.json();
    let own = own["meetings"].as_array().unwrap();
    assert!(!own.is_empty() && own.iter().all(|one| one["meeting_id"] == number), "{own:?}");
    let path = own[0]["path"].as_str().unwrap();
    assert_eq!(site.get_as_teacher_of(&[number], path).await.status, 200);
    assert_eq!(site.get_as_teacher_of(&[], path).await.status, 404);
}

#[tokio::test]
async fn what_people_typed_is_shown_and_not_obeyed() {
    let site = Site::campus();
    let page = site
        .get_as(Role::Analyst, "/meetings?q=%3Cscript%3Ealert(1)%3C/script%3E&host=%22onfocus%3D%22")
        .await;
    assert!(!page.body.contains("<script>alert") && !page.body.contains("\"onfocus="), "{}", page.body);
}
