//! The routes of the document, answer by answer as it shows them.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{Path, Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use serde_json::{Value, json};
use socketioxide::SocketIo;

use super::{
    Scissors, Shared, auth, sockets,
    store::{self, Stored},
};

/// Where everybody's picture is.
const PICTURE: &str = "/pictures/somebody.png";

/// The picture: that of the app.
const PICTURE_BYTES: &[u8] = include_bytes!("../../../src-tauri/icons/128x128.png");

/// A status and the document's words for it.
pub(super) struct Refusal(pub(super) u16, pub(super) &'static str);

type Answer = Result<Json<Value>, Refusal>;

#[derive(Clone)]
struct Context {
    shared: Arc<Shared>,
    io: SocketIo,
}

pub(super) fn routes(shared: Arc<Shared>, io: SocketIo) -> Router {
    let messages = Router::new()
        .route("/", get(list).post(create).patch(update))
        .route("/search", post(search))
        .route("/{id}", get(view).delete(remove))
        .route("/{id}/read", patch(read));
    let context = Context { shared, io };
    Router::new()
        .nest("/message", messages.clone())
        .nest("/api/message", messages)
        .route("/api/auth/login", post(login))
        .route(PICTURE, get(async || PICTURE_BYTES))
        .fallback(async || Refusal(404, "Not found"))
        .layer(middleware::from_fn_with_state(context.clone(), misbehave))
        .with_state(context)
}

/// Carries the faults out.
async fn misbehave(
    State(context): State<Context>,
    Extension(scissors): Extension<Scissors>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    context.shared.note(format!("{method} {path}"));
    let (refusal, delay, expired) = {
        let mut faults = context.shared.faults();
        let missing = (faults.no_login && path.starts_with("/api/auth/")).then_some(404);
        (missing.or_else(|| faults.refusals.pop_front()), faults.delay, faults.expired)
    };
    tokio::time::sleep(delay).await;
    if let Some(status) = refusal {
        return Refusal(status, "Refused on purpose").into_response();
    }
    if expired && path.contains("/message") {
        return Refusal(401, "Token expired").into_response();
    }
    let answer = next.run(request).await;
    if method != Method::GET && answer.status().is_success() && context.shared.loses_answer() {
        scissors.0.notify_one();
        // The connection is cut while this waits.
        return std::future::pending().await;
    }
    answer
}

async fn create(State(server): State<Context>, headers: HeaderMap, body: Option<Json<Value>>) -> Answer {
    let sender = auth::caller(&headers)?;
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let receiver = text(&body, "receiver").ok_or(Refusal(400, "Message data are required"))?;
    let content = text(&body, "content").ok_or(Refusal(400, "Content is required"))?;
    if receiver == sender {
        return Err(Refusal(400, "Cannot send message to yourself"));
    }
    let (message, person) = {
        let mut store = server.shared.store();
        let message = store.add(&sender, receiver, content, body["isRead"] == json!(true));
        (message, store.shown(&sender))
    };
    let mut arrived = message.listed();
    arrived["sender"] = person;
    server.emit(receiver, "newMessage", arrived).await;
    let sent = json!({
        "_id": message.id, "receiver": message.receiver, "content": message.content, "sentAt": message.sent_at,
    });
    server.emit(&sender, "messageSent", sent).await;
    Ok(Json(message.created()))
}

async fn list(State(context): State<Context>, headers: HeaderMap) -> Answer {
    let user = auth::caller(&headers)?;
    let hidden = context.shared.faults().hidden.clone();
    let list: Vec<Value> = {
        let store = context.shared.store();
        store.of(&user).filter(|message| !hidden.contains(&message.id)).map(Stored::listed).collect()
    };
    let told = json!({"userId": user, "messagesCount": list.len(), "fetchedAt": store::now()});
    context.emit(&user, "messagesFetched", told).await;
    Ok(Json(Value::Array(list)))
}

async fn view(State(context): State<Context>, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    let user = auth::caller(&headers)?;
    let message = context.own(&id, &user)?;
    let at = store::now();
    context.emit(&user, "messageViewed", json!({"messageId": id, "viewedAt": at})).await;
    if message.receiver == user {
        let seen = json!({"messageId": id, "seenBy": user, "seenAt": at});
        context.emit(&message.sender, "messageSeen", seen).await;
    }
    let mut shown = message.listed();
    let store = context.shared.store();
    shown["sender"] = store.shown(&message.sender);
    shown["receiver"] = store.shown(&message.receiver);
    Ok(Json(shown))
}

async fn update(State(context): State<Context>, headers: HeaderMap, body: Option<Json<Value>>) -> Answer {
    let user = auth::caller(&headers)?;
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let id = text(&body, "_id").ok_or(Refusal(400, "Message ID is required"))?;
    context.own(id, &user)?;
    context.change(id, text(&body, "content"), body["isRead"].as_bool()).await
}

async fn read(State(context): State<Context>, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    let user = auth::caller(&headers)?;
    if context.own(&id, &user)?.receiver != user {
        return Err(Refusal(403, "Unauthorized to mark this message as read"));
    }
    context.change(&id, None, Some(true)).await
}

async fn remove(State(context): State<Context>, headers: HeaderMap, Path(id): Path<String>) -> Answer {
    let user = auth::caller(&headers)?;
    context.own(&id, &user)?;
    context.shared.store().remove(&id);
    Ok(Json(json!("Message deleted successfully")))
}

async fn search(State(context): State<Context>, headers: HeaderMap, body: Option<Json<Value>>) -> Answer {
    let user = auth::caller(&headers)?;
    let query = body.map(|Json(body)| body).unwrap_or_default();
    let found = {
        let store = context.shared.store();
        match query["$or"].as_array() {
            Some(any) => {
                let hits = store.of(&user).filter(|message| any.iter().any(|query| matches(message, query)));
                Value::Array(hits.map(Stored::listed).collect())
            }
            None => {
                store.of(&user).find(|message| matches(message, &query)).map_or(Value::Null, Stored::listed)
            }
        }
    };
    let told = json!({
        "userId": user, "searchQuery": query, "resultFound": found != Value::Null && found != json!([]),
        "searchedAt": store::now(),
    });
    context.emit(&user, "messageSearched", told).await;
    Ok(Json(found))
}

async fn login(State(context): State<Context>, body: Option<Json<Value>>) -> Answer {
    let body = body.map(|Json(body)| body).unwrap_or_default();
    let (email, password) = (text(&body, "email"), text(&body, "password"));
    let account = {
        let store = context.shared.store();
        email.zip(password).and_then(|(email, password)| store.by_credentials(email, password))
    };
    let (id, person) = account.ok_or(Refusal(401, "Invalid credentials"))?;
    let token = auth::token(&id, &person).map_err(|_| Refusal(500, "Internal server error"))?;
    let user = json!({
        "_id": id, "firstName": person.first_name, "lastName": person.last_name, "email": person.email,
        "role": person.role, "avatar": PICTURE,
    });
    Ok(Json(
        json!({"status": "success", "message": "Logged in", "data": {"user": user, "accessToken": token}}),
    ))
}

impl Context {
    async fn emit(&self, room: &str, event: &str, payload: Value) {
        sockets::emit(&self.shared, &self.io, room, event, payload).await;
    }

    /// A message in which this person takes part.
    fn own(&self, id: &str, user: &str) -> Result<Stored, Refusal> {
        let store = self.shared.store();
        let found = store.get(id).filter(|message| message.sender == user || message.receiver == user);
        found.cloned().ok_or(Refusal(404, "Message not found"))
    }

    async fn change(&self, id: &str, content: Option<&str>, is_read: Option<bool>) -> Answer {
        let changed = self.shared.store().change(id, content, is_read);
        let message = changed.ok_or(Refusal(404, "Message not found"))?;
        if is_read == Some(true) {
            self.emit(&message.sender, "messageRead", json!({"messageId": id, "isRead": true})).await;
        }
        Ok(Json(message.updated()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let body = json!({"error": error, "statusCode": status, "timestamp": store::now()});
        (StatusCode::from_u16(status).unwrap_or_default(), Json(body)).into_response()
    }
}

/// A text that is not empty.
fn text<'a>(body: &'a Value, field: &str) -> Option<&'a str> {
    body[field].as_str().filter(|text| !text.is_empty())
}

fn matches(message: &Stored, query: &Value) -> bool {
    let same = |field: &str, value: &str| query[field].as_str().is_none_or(|wanted| wanted == value);
    let holds = |wanted: &str| message.content.to_lowercase().contains(&wanted.to_lowercase());
    same("_id", &message.id)
        && same("sender", &message.sender)
        && same("receiver", &message.receiver)
        && query["content"].as_str().is_none_or(holds)
        && query["isRead"].as_bool().is_none_or(|wanted| wanted == message.is_read)
}
