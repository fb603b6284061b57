//! The plain server answers as the document says, so that what is shown with it holds for servers of the document.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, Response};
use roost_tests::{
    PlainServer,
    people::{ANA, BEN, EVE},
    wait::DEADLINE,
};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, connect_async, tungstenite::Message};

struct Caller<'a> {
    server: &'a PlainServer,
    token: String,
}

impl Caller<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.server.url());
        Client::new().request(method, url).bearer_auth(&self.token).json(&body).send().await
    }

    async fn told(&self, method: Method, path: &str, body: Value) -> reqwest::Result<(u16, Value)> {
        let answer = self.ask(method, path, body).await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }
}

#[tokio::test]
async fn every_documented_route_answers_as_documented() {
    let server = PlainServer::with_people(&[ANA, BEN, EVE]).unwrap();
    let caller = |person| Caller { server: &server, token: server.token(person).unwrap() };
    let (ana, ben, eve) = (caller(&ANA), caller(&BEN), caller(&EVE));
    let (ana_id, ben_id) = (server.id_of(&ANA), server.id_of(&BEN));

    let (status, sent) = ana
        .told(Method::POST, "/message", json!({"receiver": ben_id, "content": "Hello!", "isRead": false}))
        .await
        .unwrap();
    assert_eq!((status, &sent["sender"], &sent["isRead"]), (200, &json!(ana_id), &json!(false)));
    let id = sent["_id"].as_str().unwrap();
    assert!(sent["createdAt"].is_string() && sent["updatedAt"].is_string());

    for (body, words) in [
        (json!({}), "Message data are required"),
        (json!({"receiver": ben_id}), "Content is required"),
        (json!({"receiver": ana_id, "content": "x"}), "Cannot send message to yourself"),
    ] {
        let (status, refused) = ana.told(Method::POST, "/api/message", body).await.unwrap();
        assert_eq!((status, &refused["error"], &refused["statusCode"]), (400, &json!(words), &json!(400)));
    }

    let (_, list) = ben.told(Method::GET, "/api/message", Value::Null).await.unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!((&list[0]["receiver"], list[0].get("updatedAt")), (&json!(ben_id), None));
    assert_eq!(eve.told(Method::GET, "/api/message", Value::Null).await.unwrap().1, json!([]));

    let (_, viewed) = ben.told(Method::GET, &format!("/message/{id}"), Value::Null).await.unwrap();
    assert_eq!((&viewed["sender"]["firstName"], &viewed["receiver"]["_id"]), (&json!("Ana"), &json!(ben_id)));
    assert_eq!(eve.told(Method::GET, &format!("/message/{id}"), Value::Null).await.unwrap().0, 404);

    let (status, refused) =
        ana.told(Method::PATCH, &format!("/message/{id}/read"), Value::Null).await.unwrap();
    assert_eq!((status, &refused["error"]), (403, &json!("Unauthorized to mark this message as read")));
    let (_, read) = ben.told(Method::PATCH, &format!("/api/message/{id}/read"), Value::Null).await.unwrap();
    assert_eq!(read["isRead"], json!(true));
    let (_, edited) =
        ana.told(Method::PATCH, "/message", json!({"_id": id, "content": "Hello there!"})).await.unwrap();
    assert_eq!((&edited["content"], &edited["isRead"]), (&json!("Hello there!"), &json!(true)));

    let both =
        json!({"$or": [{"sender": ana_id, "receiver": ben_id}, {"sender": ben_id, "receiver": ana_id}]});
    assert_eq!(ana.told(Method::POST, "/message/search", both).await.unwrap().1.as_array().unwrap().len(), 1);
    let (_, found) = ana.told(Method::POST, "/message/search", json!({"content": "THERE"})).await.unwrap();
    assert_eq!(found["_id"], json!(id));

    let (_, deleted) = ana.told(Method::DELETE, &format!("/message/{id}"), Value::Null).await.unwrap();
    assert_eq!((deleted, server.messages().len()), (json!("Message deleted successfully"), 0));
    assert_eq!(ana.ask(Method::GET, "/api/capabilities", Value::Null).await.unwrap().status(), 404);
    let nobody = Caller { server: &server, token: "x.y.z".to_owned() };
    assert_eq!(
        nobody.told(Method::GET, "/message", Value::Null).await.unwrap().1["error"],
        json!("Invalid token")
    );
}

#[tokio::test]
async fn anyone_joins_any_room_and_hears_what_happens_there() {
    let mut server = PlainServer::with_people(&[ANA, BEN]).unwrap();
    let ana = server.token(&ANA).unwrap();
    let ben_id = server.id_of(&BEN);
    let url = format!("{}/socket.io/?EIO=4&transport=websocket", server.url().replace("http", "ws"));
    let (mut socket, _) = connect_async(url).await.unwrap();
    let heard = async |socket: &mut WebSocketStream<_>, kind: &str| loop {
        let packet = timeout(DEADLINE, socket.next()).await.unwrap().unwrap().unwrap().into_text().unwrap();
        if let Some(rest) = packet.strip_prefix(kind) {
            return rest.to_owned();
        }
    };
    socket.send(Message::text("40")).await.unwrap();
    heard(&mut socket, "40").await;
    // The room is joined at some time after it was asked for, and nothing tells when.
    socket.send(Message::text(format!("42[\"join\",{ben_id:?}]"))).await.unwrap();
    let caller = Caller { server: &server, token: ana.clone() };
    let told = async {
        loop {
            caller
                .told(Method::POST, "/message", json!({"receiver": ben_id, "content": "Hi"}))
                .await
                .unwrap();
            if let Ok(event) = timeout(Duration::from_millis(200), heard(&mut socket, "42")).await {
                return serde_json::from_str::<Value>(&event).unwrap();
            }
        }
    };
    let event = timeout(DEADLINE, told).await.unwrap();
    assert_eq!((&event[0], &event[1]["sender"]["lastName"]), (&json!("newMessage"), &json!("Cruz")));

    let before = server.messages().len();
    server.faults(|faults| faults.lost_answers = 1);
    let request = Client::new().post(format!("{}/message", server.url())).bearer_auth(&ana);
    let lost = request.json(&json!({"receiver": ben_id, "content": "lost"})).send().await;
    assert!(lost.is_err());
    assert_eq!(server.messages().len(), before + 1);

    let url = server.url();
    server.stop();
    assert!(Client::new().get(format!("{url}/message")).send().await.is_err());
    server.start().unwrap();
    assert_eq!((server.url(), server.messages().len()), (url, before + 1));
}
