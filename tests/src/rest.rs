//! The server's API, called without any of our client code.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Server, journal, people::Person};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Somebody who is signed in, with a session of their own.
pub struct Rest {
    http: Client,
    url: String,
    token: String,
    id: String,
}

/// A message as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stored {
    /// Its id.
    #[serde(rename = "_id")]
    pub id: String,
    /// Who wrote it.
    pub sender: String,
    /// To whom.
    pub receiver: String,
    /// What it says.
    pub content: String,
}

impl Stored {
    /// What its writer calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        journal::name_of(&self.content)
    }
}

impl Rest {
    /// Signs in.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn sign_in(server: &Server, person: &Person) -> anyhow::Result<Self> {
        let http = Client::builder().timeout(TIMEOUT).build()?;
        let mut rest = Self { http, url: server.url(), token: String::new(), id: String::new() };
        let body = json!({"userName": person.user_name, "password": person.password});
        let answer = rest.call(rest.request(Method::POST, "/api/auth/login").json(&body)).await?;
        let field =
            |value: &Value| value.as_str().map(ToOwned::to_owned).context("the answer has no session");
        rest.token = field(&answer["data"]["accessToken"])?;
        rest.id = field(&answer["data"]["user"]["_id"])?;
        Ok(rest)
    }

    /// One's own id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The access token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sends a message with this idempotency key. Its id.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn send(&self, to: &str, content: &str, key: &str) -> anyhow::Result<String> {
        let body = json!({"receiver": to, "content": content});
        let request = self.request(Method::POST, "/api/message").header("Idempotency-Key", key).json(&body);
        let message = self.call(request).await?;
        Ok(message["_id"].as_str().context("the answer has no id")?.to_owned())
    }

    /// Changes what one's message with this id says.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn edit(&self, id: &str, content: &str) -> anyhow::Result<()> {
        let body = json!({"_id": id, "content": content});
        self.call(self.request(Method::PATCH, "/api/message").json(&body)).await?;
        Ok(())
    }

    /// Deletes one's message with this id.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn delete(&self, id: &str) -> anyhow::Result<()> {
        self.call(self.request(Method::DELETE, &format!("/api/message/{id}"))).await?;
        Ok(())
    }

    /// All one's messages, oldest first.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn messages(&self) -> anyhow::Result<Vec<Stored>> {
        let list = self.call(self.request(Method::GET, "/api/message")).await?;
        Ok(serde_json::from_value(list)?)
    }

    /// The contents of all one's messages, oldest first.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn contents(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.messages().await?.into_iter().map(|message| message.content).collect())
    }

    /// Changes one's password, which ends all one's other sessions.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn change_password(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let body = json!({"currentPassword": from, "newPassword": to});
        self.call(self.request(Method::PATCH, "/api/auth/change-password").json(&body)).await?;
        Ok(())
    }

    /// Any request, signed in.
    pub fn any(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    async fn call(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
