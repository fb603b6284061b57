//! The secret that signs access tokens: given by whoever runs the server, or made once and kept in the data directory.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A secret of at least [`MIN_BYTES`] bytes. No `Debug`, so that it gets into no log.
pub struct Secret(Vec<u8>);

/// Why a text or a file is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Anybody could guess it.
    #[error("it is shorter than {MIN_BYTES} bytes; make one with: openssl rand -base64 48")]
    TooShort,
    /// It stands in tutorials and examples.
    #[error("it is a well-known example; make one with: openssl rand -base64 48")]
    WellKnown,
    /// The file can't be read or written.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The fewest bytes of a secret: as many as HS256's hash has.
pub const MIN_BYTES: usize = 32;

/// The file's name within the data directory.
pub const FILE_NAME: &str = "token-secret";

/// Parts of the secrets that tutorials and example files use; whoever has not replaced them has not made a secret.
const WELL_KNOWN: &[&str] = &[
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "password",
    "your-256-bit",
    "your_jwt",
    "example",
    "123456789",
];

impl Secret {
    /// Takes a secret that somebody configured.
    ///
    /// # Errors
    /// Where it is short or well-known.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        if text.len() < MIN_BYTES {
            return Err(SecretError::TooShort);
        }
        let lower = text.to_lowercase();
        // Thirty-two random characters hold none of these words but by a rare accident; and one character over and
        // over is no secret either.
        let repeated = lower.chars().collect::<std::collections::HashSet<_>>().len() < 8;
        if repeated
            || (lower.len() < 2 * MIN_BYTES && WELL_KNOWN.iter().any(|known| lower.starts_with(known)))
        {
            return Err(SecretError::WellKnown);
        }
        Ok(Self(text.as_bytes().to_vec()))
    }

    /// The secret of this data directory; made, with mode 0600, where there is none.
    ///
    /// # Errors
    /// Where the file can't be read or written, or holds no secret.
    pub fn of(data_dir: &Path) -> Result<Self, SecretError> {
        let path = data_dir.join(FILE_NAME);
        let failed = |source| SecretError::File { path: path.clone(), source };
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(text.trim()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 48]>());
                write_private(data_dir, &path, &text).map_err(failed)?;
                Self::parse(&text)
            }
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(data_dir: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut dir = fs::DirBuilder::new();
    let mut options = OpenOptions::new();
    dir.recursive(true);
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        dir.mode(0o700);
        options.mode(0o600);
    }
    dir.create(data_dir)?;
    let partial = path.with_extension("new");
    let mut file = options.open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_well_known_secrets_are_refused() {
        for text in ["", "short", "0123456789abcdef0123456789abcde"] {
            assert!(matches!(Secret::parse(text), Err(SecretError::TooShort)), "{text}");
        }
        for text in [
            "secretsecretsecretsecretsecretsecret",
            "your-256-bit-secret-your-256-bit-secret",
            "changeme-changeme-changeme-changeme",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(matches!(Secret::parse(text), Err(SecretError::WellKnown)), "{text}");
        }
        assert!(Secret::parse("qYv4nT0m8Jr2Xb6Ks9Ld3Wf7Hg1Pc5Za").is_ok());
    }

    #[test]
    fn a_secret_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let made = Secret::of(&data).unwrap();
        assert_eq!(Secret::of(&data).unwrap().bytes(), made.bytes());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let permissions = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((permissions(&data), permissions(&data.join(FILE_NAME))), (0o700, 0o600));
        }
    }
}
