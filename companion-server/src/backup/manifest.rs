//! What a backup tells of itself.

use std::collections::BTreeMap;

use protocol::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::sqlite::copy::Facts;

/// `manifest.json`, the first file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The version of the server that made it.
    pub server_version: String,
    /// The schema version of its database.
    pub schema_version: usize,
    /// The epoch of its database's feeds.
    pub epoch: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The other files, in the order in which they stand in the archive.
    pub files: Vec<Content>,
    /// How many rows each table of the database has.
    pub rows: BTreeMap<String, u64>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// The only format there has been.
pub(super) const FORMAT: &str = "roost-backup-1";

impl Manifest {
    pub(super) fn of(facts: Facts, created_at: Timestamp, files: Vec<Content>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            server_version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_version: facts.schema,
            epoch: facts.epoch,
            created_at,
            files,
            rows: facts.rows,
        }
    }
}
