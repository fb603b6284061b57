//! The server's API, called without any of our client code.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::{Server, people::Person};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Somebody who is signed in, with a session of their own.
pub struct Rest {
    http: Client,
    token: String,
}

impl Rest {
    /// Signs in.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn sign_in(server: &Server, person: &Person) -> anyhow::Result<Self> {
        let mut rest = Self { http: Client::builder().timeout(TIMEOUT).build()?, token: String::new() };
        let body = json!({"userName": person.user_name, "password": person.password});
        let answer = rest.call(server, Method::POST, "/api/auth/login", Some(body)).await?;
        answer["data"]["accessToken"]
            .as_str()
            .context("the answer has no token")?
            .clone_into(&mut rest.token);
        Ok(rest)
    }

    /// The contents of all one's messages, oldest first.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn contents(&self, server: &Server) -> anyhow::Result<Vec<String>> {
        let list = self.call(server, Method::GET, "/api/message", None).await?;
        let list = list.as_array().context("the answer is no list")?;
        Ok(list.iter().filter_map(|message| message["content"].as_str().map(ToOwned::to_owned)).collect())
    }

    /// Changes one's password, which ends all one's other sessions.
    ///
    /// # Errors
    /// Where the server refuses or does not answer.
    pub async fn change_password(&self, server: &Server, from: &str, to: &str) -> anyhow::Result<()> {
        let body = json!({"currentPassword": from, "newPassword": to});
        self.call(server, Method::PATCH, "/api/auth/change-password", Some(body)).await?;
        Ok(())
    }

    async fn call(
        &self,
        server: &Server,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self.http.request(method, server.url() + path);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
