//! Two engines write to each other over a line that cuts, stalls, halves, drips and repeats.
//!
//! 300 rounds; `ROOST_ROUNDS=5000 cargo test -p roost-tests --test faults line` for as many as one likes.

use std::time::Duration;

use anyhow::ensure;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use roost_tests::{
    FaultProxy, Replica, Server,
    agreement::{Party, everybody_agrees},
    fault_proxy::Fault,
    journal::Journal,
    people::{ANA, BEN},
    proof,
    rest::Rest,
    traffic::Writer,
};

/// The longest time between two rounds, in milliseconds.
const PAUSE: u64 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn two_engines_agree_after_a_line_that_cuts_stalls_halves_drips_and_repeats() -> anyhow::Result<()> {
    let (seed, rounds) = (proof::seed()?, proof::times("ROOST_ROUNDS", 300)?);
    proof::with_seed("line", seed, async |folder| {
        let mut server = Server::new()?.arg("--rate-limits=off");
        server.start().await?;
        let (mut replicas, mut accounts) = (Vec::new(), Vec::new());
        let line = FaultProxy::before(&server, seed).await?;
        for person in [&ANA, &BEN] {
            server.add(person)?;
            let replica = Replica::at(folder.join(person.user_name)).await?;
            replica.sign_in(&line.url(), person.user_name, person.password).await?;
            replicas.push(replica);
            accounts.push(Rest::sign_in(&server, person).await?);
        }
        let (ana, ben) = (replicas[0].id()?, replicas[1].id()?);
        let mut writers = Vec::new();
        let mut journals = Vec::new();
        for (replica, (name, peer)) in replicas.iter().zip([("ana", ben), ("ben", ana)]) {
            let file = folder.join(format!("{name}.journal"));
            let journal = Journal::open(&file)?;
            writers.push(Writer::new(
                replica.client.clone(),
                journal,
                name,
                vec![peer],
                seed ^ writers.len() as u64,
            ));
            journals.push(file);
        }

        let mut rng = StdRng::seed_from_u64(seed);
        line.storm();
        let mut round = 0;
        // So many rounds, and then as many as it takes until everything that can happen has happened.
        while round < rounds || (line.met().len() < Fault::ALL.len() && round < 10 * rounds) {
            round += 1;
            for writer in &mut writers {
                writer.step().await?;
            }
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..PAUSE))).await;
        }
        ensure!(line.met().len() == Fault::ALL.len(), "after {round} rounds {:?}", line.met());
        line.calm();

        println!("{round} rounds, in which happened {:?}", line.met());
        let parties: Vec<Party> = accounts
            .into_iter()
            .zip(replicas)
            .zip(journals)
            .map(|((account, replica), journal)| Party {
                account,
                replicas: vec![replica],
                journals: vec![journal],
            })
            .collect();
        let (written, kept) = everybody_agrees(&parties).await?;
        println!("{written} written, {kept} of them still there");
        Ok(())
    })
    .await
}
