use serde_json::json;

use super::*;

fn me() -> UserId {
    "ana".into()
}

fn told(changes: &Value) -> Value {
    let mut message = json!({
        "_id": "m1", "sender": "ana", "receiver": "ben", "content": "hi", "isRead": false,
        "sentAt": "2025-10-08T10:30:00.000Z",
    });
    for (field, value) in changes.as_object().unwrap() {
        message[field] = value.clone();
    }
    message
}

fn read(changes: &Value) -> Result<Message, Malformed> {
    one_message(told(changes).to_string().as_bytes(), &me())
}

#[test]
fn a_participant_is_an_id_or_a_person() {
    let by_id = read(&json!({})).unwrap();
    assert_eq!((by_id.mine, by_id.peer.as_str()), (true, "ben"));
    let sender = json!({"_id": "ben", "firstName": "Ben", "unknown": [1]});
    let by_person = read(&json!({"sender": sender, "receiver": "ana"})).unwrap();
    assert_eq!((by_person.mine, by_person.peer.as_str()), (false, "ben"));
    let both = json!({"_id": "ben", "firstName": "Ben", "id": "ben"});
    assert_eq!(read(&json!({"sender": both, "receiver": "ana", "id": "m1"})).unwrap().peer.as_str(), "ben");
    for sender in [json!({}), json!({"firstName": "Ben"}), json!({"_id": 7})] {
        assert!(read(&json!({"sender": sender, "receiver": "ana"})).is_err());
    }
}

#[test]
fn messages_of_others_and_to_oneself_are_left_out() {
    for changes in [
        json!({"sender": "ben", "receiver": "cleo"}),
        json!({"receiver": "ana"}),
        json!({"receiver": "../../x"}),
        json!({"receiver": ".."}),
        json!({"_id": ""}),
        json!({"_id": "x".repeat(200)}),
        json!({"sentAt": "yesterday"}),
    ] {
        assert!(read(&changes).is_err(), "{changes}");
    }
}

#[test]
fn texts_are_bounded_and_keys_of_others_ignored() {
    let long = read(&json!({"content": "é".repeat(20_000)})).unwrap();
    assert_eq!(long.content.chars().count(), CONTENT_CHARS);
    let keyed = json!({"clientMessageId": "k1", "sender": "ben", "receiver": "ana"});
    assert_eq!(read(&keyed).unwrap().client_key, None);
    assert_eq!(read(&json!({"clientMessageId": "k1"})).unwrap().client_key.as_deref(), Some("k1"));
}

#[test]
fn one_odd_change_does_not_spoil_the_page() {
    let body = json!({
        "changes": [
            told(&json!({"seq": 4})), told(&json!({"_id": 5, "seq": 5})), 7,
            {"_id": "m2", "sender": "ben", "receiver": "ana", "sentAt": "2025-10-08T10:30:00Z",
             "deletedAt": "2025-10-08T10:31:00Z", "seq": 6},
        ],
        "next": "c2", "more": true, "users": [{"_id": "ben", "firstName": "Ben", "lastName": "Ng", "role": "?"}],
    });
    let page = feed_page(body.to_string().as_bytes(), &me()).unwrap();
    let ids: Vec<_> = page.changes.iter().map(|(message, seq)| (message.id.as_str(), *seq)).collect();
    assert_eq!(ids, [("m1", 4), ("m2", 6)]);
    assert!(page.changes[1].0.deleted_at.is_some());
    assert_eq!((page.next.as_str(), page.more, page.people[0].role), ("c2", true, None));
}

#[test]
fn a_page_without_a_cursor_is_malformed() {
    for body in ["", "[]", "{}", r#"{"changes":[],"next":""}"#, r#"{"changes":{},"next":"x"}"#] {
        assert!(feed_page(body.as_bytes(), &me()).is_err(), "{body}");
    }
}

#[test]
fn a_reason_is_error_or_message_or_the_status() {
    assert_eq!(reason(400, br#"{"error":"Content is required","message":"x"}"#), "Content is required");
    assert_eq!(reason(400, br#"{"message":" Nope "}"#), "Nope");
    assert_eq!(reason(502, b"<html>"), "the server answered with status 502");
    assert_eq!(reason(400, json!({"error": "é".repeat(999)}).to_string().as_bytes()).chars().count(), 300);
}

#[test]
fn people_come_alone_or_in_an_envelope() {
    let user = json!({"_id": "ben", "firstName": "Ben", "lastName": "Ng", "role": "student", "avatar": null});
    for body in [user.clone(), json!({"data": user}), json!({"data": {"user": user}})] {
        assert_eq!(one_person(body.to_string().as_bytes()).unwrap().first_name, "Ben");
    }
    for body in [json!([user]), json!({"data": [user]}), json!({"data": {"users": [user]}})] {
        assert_eq!(several_people(body.to_string().as_bytes()).unwrap().len(), 1);
    }
}

#[test]
fn a_session_comes_in_an_envelope_or_without_and_with_a_refresh_token_or_none() {
    for (body, refresh) in [
        (json!({"data": {"accessToken": "a.b.c", "refreshToken": "r"}}), Some("r")),
        (json!({"accessToken": "a.b.c", "refreshToken": null}), None),
        (json!({"token": "a.b.c", "user": {"id": "ana"}}), None),
        (json!({"status": "success", "data": {"token": "a.b.c"}}), None),
    ] {
        let signed = signed(body.to_string().as_bytes()).unwrap();
        assert_eq!((signed.access_token.as_str(), signed.refresh_token.as_deref()), ("a.b.c", refresh));
    }
    for body in [
        json!({}),
        json!({"data": {}}),
        json!({"token": ""}),
        json!({"token": "a\r\nX-Evil: b"}),
        json!({"token": "x".repeat(limits::TOKEN_BYTES + 1)}),
        json!({"accessToken": "a", "refreshToken": "b c"}),
    ] {
        assert!(signed(body.to_string().as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn a_page_of_too_many_entries_is_not_read_and_deep_ones_are_left_out() {
    let zeros = |count: usize| vec!["0"; count].join(",");
    let page = |changes: &str| format!(r#"{{"changes":[{changes}],"next":"c"}}"#);
    assert!(feed_page(page(&zeros(limits::PAGE_ENTRIES)).as_bytes(), &me()).is_ok());
    assert!(feed_page(page(&zeros(limits::PAGE_ENTRIES + 1)).as_bytes(), &me()).is_err());
    // However deep, an entry is passed over without going into it; what is read goes 128 levels deep at most.
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert!(feed_page(page(&deep).as_bytes(), &me()).unwrap().changes.is_empty());
    assert!(one_person(deep.as_bytes()).is_err());
    let deep = told(&json!({})).to_string().replacen(
        '{',
        &format!(r#"{{"x":{}1{},"#, "[".repeat(200), "]".repeat(200)),
        1,
    );
    // What nobody asks for may be as deep as it likes.
    assert!(listed(deep.as_bytes(), &me()).unwrap().is_some());
}

#[test]
fn an_entry_of_a_list_is_ones_own_or_anothers_or_makes_no_sense() {
    let entry = |changes: &Value| listed(told(changes).to_string().as_bytes(), &me());
    assert!(entry(&json!({})).unwrap().is_some());
    assert!(entry(&json!({"sender": "ben", "receiver": "cleo"})).unwrap().is_none());
    assert!(entry(&json!({"receiver": "ana"})).unwrap().is_none());
    for changes in
        [json!({"_id": "../x"}), json!({"sentAt": 7}), json!({"sender": []}), json!({"receiver": "../x"})]
    {
        assert!(entry(&changes).is_err(), "{changes}");
    }
}

#[test]
fn an_event_tells_of_a_person_only_by_a_name() {
    let told = |sender: Value| sender_of(&json!({"_id": "m1", "sender": sender}));
    assert_eq!(told(json!({"_id": "ben", "firstName": "Ben"})).unwrap().first_name, "Ben");
    for sender in [json!("ben"), json!({"_id": "ben"}), json!({"_id": "../x", "firstName": "Ben"}), json!([])]
    {
        assert_eq!(told(sender), None);
    }
}

mod anything {
    use proptest::prelude::*;

    use super::*;

    /// Texts that look like answers, with anything in them.
    fn answer() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            any::<f64>().prop_map(|n| json!(n).to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            ".{0,40}".prop_map(|text| json!(text).to_string()),
            Just("\"ana\"".to_owned()),
            Just("\"ben\"".to_owned()),
            Just("\"2025-10-08T10:30:00Z\"".to_owned()),
        ];
        let names = prop::sample::select(vec![
            "_id",
            "id",
            "sender",
            "receiver",
            "content",
            "sentAt",
            "isRead",
            "seq",
            "changes",
            "next",
            "more",
            "conversations",
            "users",
            "peer",
            "lastMessage",
            "unreadCount",
            "data",
            "user",
            "accessToken",
            "role",
            "deletedAt",
            "clientMessageId",
            "firstName",
            "extensions",
            "error",
            "message",
            "avatar",
        ]);
        leaf.prop_recursive(5, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(","))),
                prop::collection::vec((names.clone(), inner), 0..10).prop_map(|fields| {
                    let fields: Vec<_> =
                        fields.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                    format!("{{{}}}", fields.join(","))
                }),
            ]
        })
    }

    fn check(message: &Message) {
        assert!(message.peer != me() && id(message.id.0.clone()).is_some());
        assert!(message.content.chars().count() <= CONTENT_CHARS);
    }

    proptest! {
        #[test]
        fn is_read_or_refused_and_what_is_read_is_this_accounts(text in prop_oneof![answer(), ".{0,200}"]) {
            let body = text.as_bytes();
            if let Ok(page) = feed_page(body, &me()) {
                page.changes.iter().for_each(|(message, _)| check(message));
            }
            if let Ok(snapshot) = snapshot(body, &me()) {
                snapshot.conversations.iter().for_each(|summary| check(&summary.last));
            }
            if let Ok(page) = history_page(body, &me(), &"ben".into(), (true, None)) {
                page.messages.iter().for_each(check);
            }
            one_message(body, &me()).iter().for_each(check);
            listed(body, &me()).iter().flatten().for_each(check);
            prop_assert!(reason(400, body).chars().count() <= limits::REASON_CHARS);
            let _ = (signed(body).is_ok(), one_person(body), several_people(body), about(body).is_ok());
            let _ = (is_refusal(body), is_expired(body));
            let _ = serde_json::from_str(&text).map(|event| sender_of(&event));
        }
    }
}
