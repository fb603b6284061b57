//! What the engine tells of other people and of one's own account, against the real server: who writes, who is there,
//! what one keeps to oneself, where one is signed in.

use anyhow::{Context, ensure};
use roost_tests::{
    Replica, Server,
    people::{ANA, BEN, EVE},
    wait::until,
};
use sync_core::{AccountError, NewInvitation, ProfileChange, Role, SessionState, Update, UserId};

/// Ana's and Ben's devices, in a conversation with each other.
async fn together() -> anyhow::Result<(Server, Replica, Replica, UserId, UserId)> {
    let server = Server::with_people(&[ANA, BEN, EVE]).await?;
    let (ana, ben) =
        (Replica::signed_in(&server.url(), &ANA).await?, Replica::signed_in(&server.url(), &BEN).await?);
    let (ana_id, ben_id) = (ana.id()?, ben.id()?);
    ana.client.send(&ben_id, "Hello").await?;
    ben.shows(&ana_id, &["Hello"]).await?;
    Ok((server, ana, ben, ana_id, ben_id))
}

/// What a device knows of somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Seen {
    There,
    /// Gone, and the server says since when.
    Gone,
    /// Not there, and it does not say more: they hide.
    Hidden,
    /// It is told nothing.
    Unknown,
}

/// Waits until this device knows this of somebody.
async fn sees(device: &Replica, person: &UserId, wanted: Seen) -> anyhow::Result<()> {
    until(&format!("{wanted:?}"), async || {
        let known = device.client.presence(std::slice::from_ref(person)).await;
        let seen = match known.first() {
            Some(presence) if presence.online => Seen::There,
            Some(presence) if presence.last_seen_at.is_some() => Seen::Gone,
            Some(_) => Seen::Hidden,
            None => Seen::Unknown,
        };
        ensure!(seen == wanted, "it is {seen:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_who_writes_until_they_stop_or_send() -> anyhow::Result<()> {
    let (_server, ana, ben, ana_id, ben_id) = together().await?;
    let mut updates = ben.client.updates();
    // The server tells it only to somebody who is there, and the first word may come before either socket.
    until("Ana to be seen writing", async || {
        ana.client.set_typing(&ben_id, true).await;
        ensure!(ben.client.writing().await == std::slice::from_ref(&ana_id));
        Ok(())
    })
    .await?;
    let typing = async |updates: &mut sync_core::Updates| loop {
        match updates.next().await {
            Some(Update::Typing { peer, is_typing }) => break Some((peer, is_typing)),
            Some(_) => {}
            None => break None,
        }
    };
    assert_eq!(typing(&mut updates).await, Some((ana_id.clone(), true)));
    ana.client.send(&ben_id, "Sent").await?;
    assert_eq!(typing(&mut updates).await, Some((ana_id.clone(), false)));
    assert_eq!(ben.client.writing().await, []);

    // Ana's program ends in the middle of a word.
    until("Ana to be seen writing again", async || {
        ana.client.set_typing(&ben_id, true).await;
        ensure!(ben.client.writing().await == std::slice::from_ref(&ana_id));
        Ok(())
    })
    .await?;
    ana.client.close().await;
    until("nobody to be writing", async || {
        ensure!(ben.client.writing().await.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_who_is_there_unless_they_hide_or_oneself_does() -> anyhow::Result<()> {
    let (mut server, ana, ben, ana_id, ben_id) = together().await?;
    let eve = Replica::signed_in(&server.url(), &EVE).await?;
    sees(&ana, &ben_id, Seen::There).await?;
    sees(&ben, &ana_id, Seen::There).await?;
    eve.online().await?;
    assert_eq!(eve.client.presence(std::slice::from_ref(&ana_id)).await, [], "they share no conversation");

    let hide = ProfileChange { show_presence: Some(false), ..ProfileChange::default() };
    assert_eq!(ben.client.change_profile(&hide).await?.show_presence, Some(false));
    sees(&ana, &ben_id, Seen::Hidden).await?;
    sees(&ben, &ana_id, Seen::Unknown).await?;
    let show = ProfileChange { show_presence: Some(true), ..ProfileChange::default() };
    ben.client.change_profile(&show).await?;
    sees(&ben, &ana_id, Seen::There).await?;
    sees(&ana, &ben_id, Seen::There).await?;

    ben.client.close().await;
    sees(&ana, &ben_id, Seen::Gone).await?;
    server.kill();
    ana.offline().await?;
    sees(&ana, &ben_id, Seen::Unknown).await?;
    server.start().await?;
    sees(&ana, &ben_id, Seen::Gone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_who_was_there_before_the_first_message() -> anyhow::Result<()> {
    let (server, _ana, ben, _, ben_id) = together().await?;
    let eve = Replica::signed_in(&server.url(), &EVE).await?;
    let eve_id = eve.id()?;
    eve.client.send(&ben_id, "Hello").await?;
    sees(&ben, &eve_id, Seen::There).await?;

    let tablet = Replica::signed_in(&server.url(), &ANA).await?;
    // Both are asked about at once, and the server leaves Eve out of its answer: she is a stranger.
    tablet.client.presence(&[ben_id.clone(), eve_id.clone()]).await;
    sees(&tablet, &ben_id, Seen::There).await?;
    sees(&tablet, &eve_id, Seen::Unknown).await?;
    tablet.client.send(&eve_id, "Hello").await?;
    sees(&tablet, &eve_id, Seen::There).await
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_account_is_changed_where_the_server_is_there_and_plainly_not_where_it_is_not()
-> anyhow::Result<()> {
    let (mut server, ana, ben, ana_id, _) = together().await?;
    ana.online().await?;
    let profile = ana.client.profile().await?;
    assert_eq!((profile.user_name.as_str(), profile.email.as_deref()), ("ana", Some(ANA.email)));
    assert_eq!((profile.show_presence, profile.send_read_receipts), (Some(true), Some(true)));
    let change = ProfileChange {
        first_name: Some("Anita".to_owned()),
        send_read_receipts: Some(false),
        ..ProfileChange::default()
    };
    let changed = ana.client.change_profile(&change).await?;
    assert_eq!((changed.person.first_name.as_str(), changed.person.last_name.as_str()), ("Anita", "Cruz"));
    assert_eq!(changed.send_read_receipts, Some(false));
    let SessionState::SignedIn(account) = ana.client.session() else { anyhow::bail!("signed out") };
    assert_eq!(account.user.first_name, "Anita");
    let person = ana.client.person(&ana_id).await?.context("nobody")?;
    assert_eq!(person.first_name, "Anita");
    let nameless = ProfileChange { first_name: Some(" ".to_owned()), ..ProfileChange::default() };
    assert!(matches!(ana.client.change_profile(&nameless).await, Err(AccountError::Refused { .. })));

    let tablet = Replica::signed_in(&server.url(), &ANA).await?;
    let laptop = Replica::signed_in(&server.url(), &ANA).await?;
    let devices = ana.client.devices().await?;
    assert_eq!((devices.len(), devices.iter().filter(|device| device.current).count()), (3, 1));
    assert!(devices.iter().all(|device| device.program.starts_with("roost/")), "{devices:?}");
    let here = tablet.client.devices().await?.into_iter().find(|device| device.current).context("none")?;
    ana.client.sign_out_device(&here.id).await?;
    tablet.expired().await?;
    ana.client.sign_out_device(&here.id).await?;
    ana.client.sign_out_other_devices().await?;
    laptop.expired().await?;
    assert_eq!(ana.client.devices().await?.len(), 1);
    assert!(matches!(laptop.client.devices().await, Err(AccountError::SignedOut)));

    let wrong = ana.client.change_password("not-it-at-all", "new-password-1").await;
    assert!(matches!(wrong, Err(AccountError::WrongPassword)), "{wrong:?}");
    let short = ana.client.change_password(ANA.password, "x").await;
    assert!(matches!(short, Err(AccountError::Refused { .. })), "{short:?}");
    ana.client.change_password(ANA.password, "new-password-1").await?;
    assert_eq!(ana.client.devices().await?.len(), 1, "this session goes on");
    laptop.sign_in(&server.url(), ANA.user_name, "new-password-1").await?;

    let invitation = NewInvitation { role: Role::Student, hours: 24, uses: 2 };
    ben.online().await?;
    assert_eq!(
        (ana.client.offers().await.invites, ben.client.offers().await.invites),
        (vec![], vec![Role::Student])
    );
    let made = ben.client.invite(&invitation).await?;
    assert!(made.link.contains("/join#"), "it is a link of the server's own page");
    assert!(matches!(ana.client.invite(&invitation).await, Err(AccountError::Refused { .. })));

    server.kill();
    ana.offline().await?;
    let offline = ana.client.devices().await;
    assert!(matches!(offline, Err(AccountError::Server(_))), "{offline:?}");
    assert!(matches!(ana.client.change_profile(&change).await, Err(AccountError::Server(_))));
    Ok(())
}
