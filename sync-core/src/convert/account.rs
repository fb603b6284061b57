//! One's own account, one's devices and invitations, as a server tells them.

use serde::Deserialize;
use serde_json::Value;

use protocol::{
    Timestamp,
    limits::{EMAIL_BYTES, USER_NAME_CHARS},
};
use url::Url;

use crate::{
    domain::{Device, DeviceId, Invitation, OwnProfile},
    limits,
};

use super::{
    Malformed, cut,
    entries::{Entries, Text},
    id, person,
    wire::WirePerson,
};

#[derive(Deserialize)]
struct WireDevices<'a> {
    #[serde(borrow)]
    data: Entries<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDevice {
    #[serde(rename = "_id")]
    id: String,
    created_at: Timestamp,
    renewed_at: Timestamp,
    #[serde(default)]
    user_agent: Text,
    #[serde(default)]
    address: Text,
    #[serde(default)]
    current: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireOwn {
    #[serde(default)]
    email: Text,
    #[serde(default)]
    user_name: Text,
    #[serde(default)]
    show_presence: Option<bool>,
    #[serde(default)]
    send_read_receipts: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireInvitation {
    link: String,
    expires_at: Timestamp,
}

/// The answer to `GET /api/auth/sessions`.
pub(crate) fn devices(body: &[u8]) -> Result<Vec<Device>, Malformed> {
    let told: WireDevices<'_> = serde_json::from_slice(body)?;
    let line = |Text(text): Text| {
        cut(text.unwrap_or_default().replace(char::is_control, " "), limits::PROGRAM_CHARS)
    };
    Ok(told.data.read("session", |device: WireDevice| {
        Some(Device {
            id: DeviceId(id(device.id)?),
            signed_in_at: device.created_at,
            used_at: device.renewed_at,
            program: line(device.user_agent),
            address: line(device.address),
            current: device.current,
        })
    }))
}

/// The answer to `GET /api/auth/profile` and `PATCH /api/user`: the user, alone or in an envelope.
pub(crate) fn profile(body: &[u8]) -> Result<OwnProfile, Malformed> {
    let value: Value = serde_json::from_slice(body)?;
    let user = [&value["data"]["user"], &value["data"], &value["user"], &value]
        .into_iter()
        .find(|candidate| candidate.get("_id").or_else(|| candidate.get("id")).is_some())
        .ok_or_else(|| Malformed("no user in it".to_owned()))?;
    let own = WireOwn::deserialize(user)?;
    Ok(OwnProfile {
        person: person(WirePerson::deserialize(user)?)
            .ok_or_else(|| Malformed("an id that cannot be used".to_owned()))?,
        user_name: cut(own.user_name.0.unwrap_or_default(), USER_NAME_CHARS),
        email: own.email.0.filter(|address| address.len() <= EMAIL_BYTES),
        show_presence: own.show_presence,
        send_read_receipts: own.send_read_receipts,
    })
}

/// The answer to `POST /api/invite`.
pub(crate) fn invitation(body: &[u8]) -> Result<Invitation, Malformed> {
    let WireInvitation { link, expires_at } = serde_json::from_slice(body)?;
    let address = Url::parse(&link).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match address.filter(|_| link.len() <= limits::LINK_BYTES) {
        Some(_) => Ok(Invitation { link, expires_at }),
        None => Err(Malformed("a link that is none".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_says_what_it_is_on_one_line_and_an_odd_one_spoils_nothing() {
        let long = "x".repeat(5_000);
        let body = format!(
            r#"{{"data":[{{"_id":"s1","createdAt":"2026-05-03T10:00:00.000Z","renewedAt":"2026-05-04T10:00:00.000Z",
                "userAgent":"roost\n{long}","address":7,"current":true}},{{"_id":"../x"}},4]}}"#
        );
        let devices = devices(body.as_bytes()).unwrap();
        assert_eq!((devices.len(), devices[0].current, devices[0].address.as_str()), (1, true, ""));
        assert!(devices[0].program.starts_with("roost xxx"));
        assert_eq!(devices[0].program.chars().count(), limits::PROGRAM_CHARS);
    }

    #[test]
    fn a_profile_is_read_with_and_without_an_envelope_and_without_privacy() {
        for body in [
            r#"{"status":"success","data":{"user":{"_id":"a1","firstName":"Ana","userName":"ana","showPresence":false}}}"#,
            r#"{"id":"a1","firstName":"Ana","userName":"ana","showPresence":false}"#,
        ] {
            let profile = profile(body.as_bytes()).unwrap();
            assert_eq!((profile.person.first_name.as_str(), profile.user_name.as_str()), ("Ana", "ana"));
            assert_eq!(
                (profile.show_presence, profile.send_read_receipts, profile.email),
                (Some(false), None, None)
            );
        }
        assert!(profile(b"{}").is_err());
    }

    #[test]
    fn a_link_that_no_browser_should_open_is_none() {
        let body = |link: &str| format!(r#"{{"link":"{link}","expiresAt":"2026-05-03T10:00:00.000Z"}}"#);
        assert!(invitation(body("https://chat.school.edu/join#abc").as_bytes()).is_ok());
        for link in ["javascript:alert(1)", "join#abc", ""] {
            assert!(invitation(body(link).as_bytes()).is_err(), "{link}");
        }
    }
}
