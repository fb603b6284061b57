//! Who may do what: every route of the OpenAPI document and every event of a socket, tried by everybody.
//!
//! The routes come from the document, which is made of the router, so a new route without a row here fails. What is
//! refused must have changed nothing: the tables of the database are compared.

mod scene;

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::StreamExt as _;
use protocol::event::ClientEvent;
use serde_json::{Value, json};

use self::scene::{Role, SECRET, Scene, session};
use crate::{
    contract::DOCUMENT,
    harness::{Answer, Server, Socket},
};

/// What is asked of a route: what stands in the path's braces or behind the path, and the body.
#[derive(Default)]
struct Ask {
    at: String,
    body: Option<Value>,
}

/// An operation, what is asked of it, and the status that everybody gets.
struct Row {
    name: &'static str,
    ask: fn(&Scene) -> Ask,
    expected: [u16; 6],
}

/// An event of a client, what it carries, and what everybody with a good token is told: the name of an event, or
/// nothing. `changes` is whose event may change what is kept.
struct Event {
    name: &'static str,
    carries: fn(&Scene) -> Value,
    expected: [&'static str; 5],
    changes: Option<Role>,
}

const fn row(name: &'static str, ask: fn(&Scene) -> Ask, expected: [u16; 6]) -> Row {
    Row { name, ask, expected }
}

/// Each operation with what is asked of it, and what everybody gets.
#[rustfmt::skip]
const ROUTES: &[Row] = &[
    //                                                      anonymous, sender, receiver, outsider, coordinator, admin
    row("sendMessage", |s| body(json!({"receiver": s.bystander.id, "content": "hi"})), [401, 200, 200, 200, 200, 200]),
    row("listMessages",     |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),
    row("getMessage",       |s| at(&s.message),                                        [401, 200, 200, 404, 404, 404]),
    row("updateMessage",    |s| body(json!({"_id": s.message, "content": "Edited"})),  [401, 200, 403, 404, 404, 404]),
    row("markMessageRead",  |s| at(&s.message),                                        [401, 403, 200, 404, 404, 404]),
    row("deleteMessage",    |s| at(&s.message),                                        [401, 200, 403, 404, 404, 404]),
    row("searchMessages",   |s| body(json!({"_id": s.message})),                       [401, 200, 200, 404, 404, 404]),
    row("readConversation", |s| at(&s.bystander.id),                                   [401, 200, 200, 200, 200, 200]),
    row("sync",             |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),

    row("register",         |_| body(newcomer()),                                      [201, 201, 201, 201, 201, 201]),
    row("login",            |_| body(sign_in()),                                       [200, 200, 200, 200, 200, 200]),
    row("refresh",          |_| body(json!({"refreshToken": "none"})),                 [401, 401, 401, 401, 401, 401]),
    row("logout",           |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),
    row("getProfile",       |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),
    row("changePassword",   |_| body(json!({"currentPassword": "not it", "newPassword": "long enough"})),
                                                                                    [401, 403, 403, 403, 403, 403]),
    row("listSessions",     |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),
    row("endSession",       |s| at(&session(&s.sender)),                               [401, 200, 404, 404, 404, 404]),
    row("endOtherSessions", |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),

    row("createInvite",     |_| body(json!({})),                                       [401, 403, 403, 403, 201, 201]),
    row("listInvites",      |_| nothing(),                                             [401, 403, 403, 403, 200, 200]),
    row("checkInvite",      |_| body(json!({"inviteCode": "none"})),                   [403, 403, 403, 403, 403, 403]),
    row("revokeInvite",     |s| at(&s.invite),                                         [401, 403, 403, 403, 404, 200]),

    row("listActivity",     |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),
    row("listAccounts",     |_| nothing(),                                             [401, 403, 403, 403, 403, 200]),
    row("changeAccount",    |s| Ask { at: s.bystander.id.clone(), body: Some(json!({"disabled": true})) },
                                                                                    [401, 403, 403, 403, 403, 200]),
    row("listAudit",        |_| nothing(),                                             [401, 403, 403, 403, 403, 200]),

    row("listUsers",        |_| nothing(),                                             [401, 200, 200, 200, 200, 200]),
    row("getUser",          |s| at(&s.bystander.id),                                   [401, 200, 200, 200, 200, 200]),
    row("updateUser",       |_| body(json!({"firstName": "New", "role": "admin"})),    [401, 200, 200, 200, 200, 200]),
    row("getPresence",      |s| at(&format!("?ids={}", s.bystander.id)),               [401, 200, 200, 200, 200, 200]),
    row("searchUsers",      |_| body(json!({"query": "sender"})),                      [401, 200, 200, 200, 200, 200]),

    row("getCapabilities",  |_| nothing(),                                             [200, 200, 200, 200, 200, 200]),
    row("getDocument",      |_| nothing(),                                             [200, 200, 200, 200, 200, 200]),
    row("isAlive",          |_| nothing(),                                             [200, 200, 200, 200, 200, 200]),
    row("isReady",          |_| nothing(),                                             [200, 200, 200, 200, 200, 200]),
];

#[rustfmt::skip]
const EVENTS: &[Event] = &[
    //     expected:                                                       sender, receiver, outsider, coordinator, admin
    Event { name: "join",      carries: |s| json!(s.bystander.id),              expected: ["error"; 5],     changes: None },
    Event { name: "delivered", carries: |s| json!({"messageIds": [s.message]}), expected: [""; 5],          changes: Some(Role::Receiver) },
    Event { name: "typing",    carries: |s| json!({"receiver": s.bystander.id, "isTyping": true}),
                                                                                expected: [""; 5],          changes: None },
    Event { name: "heartbeat", carries: |_| json!({"n": 7}),                    expected: ["heartbeat"; 5], changes: None },
];

#[tokio::test]
async fn every_route_is_tried_by_everybody() {
    let operations = operations();
    for Row { name, .. } in ROUTES {
        assert!(operations.iter().any(|known| known.id == *name), "{name} is not in the document");
    }
    // Each on a server of its own, a few at a time.
    futures_util::stream::iter(operations).for_each_concurrent(4, try_route).await;
}

async fn try_route(operation: Operation) {
    let Operation { id, .. } = operation;
    let row = ROUTES.iter().find(|row| row.name == id.trim_end_matches("AtRoot"));
    let row = row.unwrap_or_else(|| panic!("{id} has no row in the matrix"));
    let server = Server::start_with(|config| config.jwt_secret = Some(SECRET.into())).await;
    let scene = Scene::new(&server).await;
    for (name, token, text) in scene.bad_tokens(&server).await {
        let before = server.tables();
        let answer = operation.call(&server, (row.ask)(&scene), Some(&token)).await;
        if operation.open {
            assert_eq!(answer.status, row.expected[Role::Anonymous as usize], "{id} with a token {name}");
        } else {
            answer.is_error(401, text);
            assert_eq!(server.tables(), before, "{id} with a token {name} changed something");
        }
    }
    // The refused come first, so that they find everything as it was.
    let mut order = Role::ALL;
    order.sort_by_key(|role| row.expected[*role as usize] < 400);
    for role in order {
        let expected = row.expected[role as usize];
        let before = server.tables();
        let token = scene.person(role).map(|person| &*person.token);
        let answer = operation.call(&server, (row.ask)(&scene), token).await;
        assert_eq!(answer.status, expected, "{id} by {role:?}: {}", answer.text);
        if expected >= 400 {
            assert_eq!(server.tables(), before, "{id} by {role:?} changed something");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn every_event_is_tried_by_everybody() {
    for name in ClientEvent::NAMES {
        assert!(EVENTS.iter().any(|event| event.name == *name), "{name} has no row in the matrix");
    }
    let server = Server::start_with(|config| config.jwt_secret = Some(SECRET.into())).await;
    let scene = Scene::new(&server).await;
    let refused = async |auth: Value| Socket::connect(&server, auth).await.err();
    assert_eq!(refused(json!({})).await.as_deref(), Some("Authentication required"));
    for (name, token, text) in scene.bad_tokens(&server).await {
        assert_eq!(refused(json!({"token": token})).await.as_deref(), Some(text), "a token {name}");
    }
    let mut at_sender = Socket::of(&server, &scene.sender).await;
    for row in EVENTS {
        for (role, expected) in Role::ALL[1..].iter().zip(row.expected) {
            let before = server.tables();
            let person = scene.person(*role).unwrap();
            let mut socket = Socket::of(&server, person).await;
            socket.emit(row.name, (row.carries)(&scene)).await;
            if !expected.is_empty() {
                assert_eq!(socket.event().await.0, expected, "{} by {role:?}", row.name);
            }
            assert!(socket.is_silent().await, "{} by {role:?} is told more", row.name);
            if row.changes == Some(*role) {
                // It is written after the answer to the next event; the sender is told once it is.
                assert_eq!(at_sender.event().await.0, "messageDelivered");
            }
            let changed = server.tables() != before;
            assert_eq!(changed, row.changes == Some(*role), "what {} by {role:?} changed", row.name);
        }
    }
    assert!(at_sender.is_silent().await);
    server.stop().await;
}

/// An operation of the document.
struct Operation {
    id: &'static str,
    method: String,
    template: &'static str,
    /// Whether it needs no token.
    open: bool,
}

fn operations() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(template, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| Operation {
            id: operation["operationId"].as_str().unwrap(),
            method: method.to_ascii_uppercase(),
            template,
            open: operation["security"] == json!([{}]),
        })
    });
    each.collect()
}

impl Operation {
    async fn call(&self, server: &Server, ask: Ask, token: Option<&str>) -> Answer {
        let path = match self.template.split_once('{') {
            Some((head, tail)) => format!("{head}{}{}", ask.at, tail.split_once('}').unwrap().1),
            None => format!("{}{}", self.template, ask.at),
        };
        let mut request = server.request(&self.method, &path);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = ask.body {
            request = request.json(&body);
        }
        Answer::of(request).await
    }
}

fn nothing() -> Ask {
    Ask::default()
}

fn at(place: &str) -> Ask {
    Ask { at: place.to_owned(), ..Ask::default() }
}

fn body(body: Value) -> Ask {
    Ask { body: Some(body), ..Ask::default() }
}

/// Somebody who has no account yet, another one each time.
fn newcomer() -> Value {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("newcomer-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    json!({
        "userName": name, "firstName": name, "lastName": "", "email": format!("{name}@example.org"),
        "password": "long enough", "role": "admin",
    })
}

fn sign_in() -> Value {
    json!({"userName": "bystander", "password": "password of bystander"})
}
