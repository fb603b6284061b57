//! Engines and server are killed again and again under traffic.
//!
//! 200 kills; `ROOST_KILLS=1000 cargo test -p roost-tests --test faults kills` for as many as one likes.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use roost_tests::{
    Bot, Replica, Server,
    agreement::{Party, everybody_agrees},
    bot::{QUIET, RETRY},
    people::{ANA, BEN, EVE},
    proof,
    rest::Rest,
};

/// The longest time between two kills, and the longest that something stays dead, in milliseconds.
const APART: u64 = 600;
const DEAD: u64 = 250;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_survives_two_hundred_kills_of_engines_and_server() -> anyhow::Result<()> {
    let (seed, kills) = (proof::seed()?, proof::times("ROOST_KILLS", 200)?);
    proof::with_seed("kills", seed, async |folder| {
        let mut server = Server::new()?.arg("--rate-limits=off");
        server.start().await?;
        for person in [&ANA, &BEN, &EVE] {
            server.add(person)?;
        }
        let ana = Rest::sign_in(&server, &ANA).await?;
        let ben = Rest::sign_in(&server, &BEN).await?;
        let eve = Rest::sign_in(&server, &EVE).await?;
        let (of_ana, of_ben) = ([ben.id(), eve.id()], [ana.id(), eve.id()]);
        let mut bots = [
            Bot::new("ana-phone", ANA, &server, &of_ana, folder, seed),
            Bot::new("ana-laptop", ANA, &server, &of_ana, folder, !seed),
            Bot::new("ben-phone", BEN, &server, &of_ben, folder, seed.rotate_left(32)),
        ];
        for bot in &mut bots {
            bot.start()?;
        }

        let mut rng = StdRng::seed_from_u64(seed);
        let mut of_server = 0;
        for _ in 0..kills {
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..APART))).await;
            let dead = Duration::from_millis(rng.random_range(0..DEAD));
            let whom = rng.random_range(0..=bots.len());
            if let Some(bot) = bots.get_mut(whom) {
                bot.kill();
                tokio::time::sleep(dead).await;
                bot.start()?;
            } else {
                of_server += 1;
                server.kill();
                tokio::time::sleep(dead).await;
                server.start().await?;
                for bot in &mut bots {
                    bot.tell(RETRY);
                }
            }
        }

        for bot in &mut bots {
            bot.tell(QUIET);
            bot.tell(RETRY);
        }
        for bot in &mut bots {
            bot.rest().await?;
        }
        let [phone, laptop, bens] = &bots;
        let parties = [
            Party {
                account: ana,
                replicas: vec![Replica::at(phone.profile()).await?, Replica::at(laptop.profile()).await?],
                journals: vec![phone.journal(), laptop.journal()],
            },
            Party {
                account: ben,
                replicas: vec![Replica::at(bens.profile()).await?],
                journals: vec![bens.journal()],
            },
        ];
        let (written, kept) = everybody_agrees(&parties).await?;
        println!(
            "{kills} kills, {of_server} of them of the server; {written} written, {kept} of them still there"
        );
        anyhow::ensure!(written > usize::try_from(kills)?, "only {written} messages were written");
        let sound = server.run(&["doctor"])?;
        anyhow::ensure!(sound.contains("sum is sound"), "{sound}");
        Ok(())
    })
    .await
}
