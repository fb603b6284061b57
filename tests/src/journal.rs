//! What a writer was told, kept outside of the engine that told it.
//!
//! Before each call of the engine a line says what is asked for, and after it that it returned. Each line is on the
//! disk before the writer goes on. So the journal of a writer that was killed leaves no doubt but one: whether its
//! last call was carried out.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    io::Write,
    path::Path,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use sync_core::UserId;

/// One line. A message's name is its first word, which stays the same when it is edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Entry {
    /// This is about to be sent.
    Sending {
        /// To whom.
        to: String,
        /// What it says.
        text: String,
    },
    /// `Client::send` returned.
    Sent {
        /// Which message.
        name: String,
    },
    /// A message is about to be edited, or deleted where there is no text.
    Changing {
        /// Which message.
        name: String,
        /// What it will say.
        text: Option<String>,
    },
    /// `Client::edit` or `Client::delete` returned.
    Changed {
        /// Which message.
        name: String,
        /// What it says now.
        text: Option<String>,
    },
}

/// A message, as far as its writer was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// Who gets it.
    pub to: UserId,
    /// What it may say by now; `None` stands for a message that nobody sees.
    pub may_say: BTreeSet<Option<String>>,
}

/// The journal of one writer.
pub struct Journal {
    file: File,
    sent: usize,
}

impl Journal {
    /// Goes on with a journal, or begins one.
    ///
    /// # Errors
    /// Where it cannot be read or written.
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        let sent = if file.exists() { told(file)?.len() } else { 0 };
        let file = File::options().append(true).create(true).open(file)?;
        Ok(Self { file, sent })
    }

    /// How many messages have been begun.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// Writes a line. It is on the disk when this returns.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub fn note(&mut self, entry: &Entry) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        // One call, so that a kill leaves the whole line or nothing of it.
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.sent += usize::from(matches!(entry, Entry::Sending { .. }));
        Ok(())
    }
}

/// Which message a text belongs to.
#[must_use]
pub fn name_of(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// What the writer of a journal was told, in the order in which it wrote.
///
/// # Errors
/// Where the journal cannot be read.
pub fn told(file: &Path) -> anyhow::Result<Vec<Told>> {
    let lines = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let entries = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Entry>, _>>();
    followed(entries.with_context(|| file.display().to_string())?)
}

fn followed(entries: Vec<Entry>) -> anyhow::Result<Vec<Told>> {
    let mut told: Vec<Told> = Vec::new();
    let mut places = HashMap::new();
    for entry in entries {
        if let Entry::Sending { to, text } = entry {
            let name = name_of(&text).to_owned();
            places.insert(name.clone(), told.len());
            // Without an answer it may be there or not.
            let may_say = BTreeSet::from([None, Some(text)]);
            told.push(Told { name, to: UserId(to), may_say });
            continue;
        }
        let (Entry::Sent { name } | Entry::Changing { name, .. } | Entry::Changed { name, .. }) = &entry
        else {
            continue;
        };
        let place = places.get(name).with_context(|| format!("{name} was never written"))?;
        let may_say = &mut told[*place].may_say;
        match entry {
            Entry::Sent { .. } => _ = may_say.remove(&None),
            Entry::Changing { text, .. } => _ = may_say.insert(text),
            Entry::Changed { text, .. } => *may_say = BTreeSet::from([text]),
            Entry::Sending { .. } => {}
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the first message may say; nothing where it may be gone.
    fn outcome(entries: &[Entry]) -> Vec<String> {
        let told = followed(entries.to_vec()).unwrap().remove(0);
        told.may_say.into_iter().map(Option::unwrap_or_default).collect()
    }

    const ONE: &str = "a/1 one";
    const TWO: &str = "a/1 two";

    #[test]
    fn only_the_last_call_of_a_killed_writer_is_in_doubt() {
        let name = || "a/1".to_owned();
        let mut entries = vec![Entry::Sending { to: "b".to_owned(), text: ONE.to_owned() }];
        assert_eq!(outcome(&entries), ["", ONE]);
        entries.push(Entry::Sent { name: name() });
        assert_eq!(outcome(&entries), [ONE]);
        entries.push(Entry::Changing { name: name(), text: Some(TWO.to_owned()) });
        assert_eq!(outcome(&entries), [ONE, TWO]);
        entries.push(Entry::Changed { name: name(), text: Some(TWO.to_owned()) });
        assert_eq!(outcome(&entries), [TWO]);
        entries.push(Entry::Changing { name: name(), text: None });
        assert_eq!(outcome(&entries), ["", TWO]);
        entries.push(Entry::Changed { name: name(), text: None });
        assert_eq!(outcome(&entries), [""]);
    }

    #[test]
    fn a_journal_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        for number in 1..=2 {
            let mut journal = Journal::open(&file).unwrap();
            assert_eq!(journal.sent(), number - 1);
            let text = format!("a/{number} hello");
            journal.note(&Entry::Sending { to: "b".to_owned(), text: text.clone() }).unwrap();
            journal.note(&Entry::Sent { name: name_of(&text).to_owned() }).unwrap();
        }
        let names: Vec<String> = told(&file).unwrap().into_iter().map(|told| told.name).collect();
        assert_eq!(names, ["a/1", "a/2"]);
    }
}
