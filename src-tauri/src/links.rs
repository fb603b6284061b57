//! Links: those that lead into the app (`roost://…`), from wherever they come, and those of messages that lead out.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Manager as _, State, Url};
use tauri_plugin_opener::OpenerExt as _;
use tauri_specta::Event;

use crate::{dto::CommandError, window};

/// The scheme of the app's own links.
pub(crate) const SCHEME: &str = "roost";
/// The longest link of either kind, in bytes; browsers take no longer ones everywhere.
const LINK_BYTES: usize = 2_048;
/// The longest code of an invitation and the longest id of a person, in characters.
const NAME_CHARS: usize = 128;

/// Where in the app a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(crate) enum Link {
    /// Into a server (`roost://join?server=https://chat.school.edu&code=CODE`), with the code of an invitation if there is
    /// one.
    Join { server: String, code: Option<String> },
    /// To a conversation (`roost://open?peer=ID`), and there to a message if it names one.
    Open { peer: String, message: Option<Place> },
}

/// A message's key and where in its timeline it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) position: String,
}

/// A link waits to be followed: `takeLink` answers it.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct LinkArrived;

/// The link that came last, until the chat takes it. It may come long before there is a page.
#[derive(Default)]
pub(crate) struct Links {
    waiting: Mutex<Option<Link>>,
}

/// The link that somebody opened, once. Asked when the chat is there, and whenever `linkArrived` says so.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_link(links: State<'_, Links>) -> Result<Option<Link>, CommandError> {
    Ok(links.waiting.lock().unwrap_or_else(PoisonError::into_inner).take())
}

/// Opens a web page or writes an e-mail, in the system's program for it. The chat has shown the address and asked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_link(app: AppHandle, url: String) -> Result<(), CommandError> {
    let url = leads_out(&url).ok_or_else(CommandError::no_link)?;
    app.opener().open_url(url.as_str(), None::<&str>).map_err(|error| {
        tracing::warn!(%error, "a link could not be opened");
        CommandError::not_opened(error.to_string())
    })
}

/// Follows a link of the app: the window comes to the front and the chat is told. What is no such link does nothing.
pub(crate) fn arrived(app: &AppHandle, text: &str) {
    if let Some(link) = parse(text) {
        follow(app, link);
    } else {
        tracing::warn!("a link was opened that leads nowhere");
    }
}

/// As [`arrived`], for a link that is known to be good.
pub(crate) fn follow(app: &AppHandle, link: Link) {
    *app.state::<Links>().waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(link);
    window::show(app);
    if let Err(error) = LinkArrived.emit(app) {
        tracing::warn!(%error, "the window was not told of a link");
    }
}

/// Reads a link of the app. Anybody can make one, so it only ever says where to look.
fn parse(text: &str) -> Option<Link> {
    let url = (text.len() <= LINK_BYTES).then(|| Url::parse(text).ok()).flatten()?;
    if url.scheme() != SCHEME || !matches!(url.path(), "" | "/") {
        return None;
    }
    let value =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    match url.host_str()? {
        "join" => {
            let server = value("server").and_then(|server| address(&server))?;
            let code = match value("code") {
                Some(code) => Some(name(code)?),
                None => None,
            };
            Some(Link::Join { server, code })
        }
        "open" => Some(Link::Open { peer: value("peer").and_then(name)?, message: None }),
        _ => None,
    }
}

/// A server's address: HTTP, without a name or password in it.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn name(text: String) -> Option<String> {
    let good = (1..=NAME_CHARS).contains(&text.chars().count())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    good.then_some(text)
}

/// The address of a web page or a mailbox; nothing else is handed to the system.
fn leads_out(text: &str) -> Option<Url> {
    let url = (text.len() <= LINK_BYTES).then(|| Url::parse(text).ok()).flatten()?;
    matches!(url.scheme(), "http" | "https" | "mailto").then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_into_a_server_or_to_a_conversation() {
        let join = |server: &str, code: Option<&str>| {
            Some(Link::Join { server: server.to_owned(), code: code.map(str::to_owned) })
        };
        assert_eq!(
            parse("roost://join?server=https%3A%2F%2Fchat.school.edu&code=aB3-x_9"),
            join("https://chat.school.edu", Some("aB3-x_9"))
        );
        assert_eq!(parse("roost://join/?server=http://127.0.0.1:3000/"), join("http://127.0.0.1:3000", None));
        assert_eq!(parse("roost://join?server=https://a.edu/roost/"), join("https://a.edu/roost", None));
        assert_eq!(
            parse("roost://open?peer=0123456789abcdef01234567"),
            Some(Link::Open { peer: "0123456789abcdef01234567".to_owned(), message: None })
        );
    }

    #[test]
    fn anything_else_leads_nowhere() {
        let long = format!("roost://open?peer={}", "a".repeat(129));
        let longer = format!("roost://join?server=https://a.edu/{}", "a".repeat(LINK_BYTES));
        for text in [
            "",
            "roost:",
            "roost://",
            "roost://delete?peer=a",
            "roost://open",
            "roost://open?peer=",
            "roost://open?peer=..%2F..",
            "roost://open?peer=a%00b",
            "roost://open/deeper?peer=a",
            "roost://join",
            "roost://join?server=file:///etc/passwd",
            "roost://join?server=javascript:alert(1)",
            "roost://join?server=chat.school.edu",
            "roost://join?server=https://ana:secret@chat.school.edu",
            "roost://join?server=https://a.edu&code=%3Cb%3E",
            "roost://join?server=https://a.edu&code=",
            "https://open?peer=a",
            &long,
            &longer,
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_pages_and_mailboxes_are_opened() {
        for (text, opened) in [
            ("https://example.org/a?b#c", true),
            ("http://example.org", true),
            ("HTTPS://EXAMPLE.ORG", true),
            ("mailto:ana@example.org", true),
            ("example.org", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("data:text/html,hello", false),
            ("roost://open?peer=a", false),
            ("ms-settings:privacy", false),
            ("/usr/bin/true", false),
            ("--help", false),
            ("", false),
        ] {
            assert_eq!(leads_out(text).is_some(), opened, "{text}");
        }
        assert!(leads_out(&format!("https://a.edu/{}", "a".repeat(LINK_BYTES))).is_none());
    }
}
