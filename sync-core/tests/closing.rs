//! What closing waits for, and what it leaves behind.

use std::{sync::Arc, time::Duration};

use sync_core::{Client, MemorySecrets, Options, SessionState, SignInError, StoreError};
use tokio::{net::TcpListener, time::timeout};

/// Far less than a silent server may take.
const SOON: Duration = Duration::from_secs(3);

#[tokio::test]
async fn closing_cuts_a_sign_in_short_and_gives_the_profile_free() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Arc::new(MemorySecrets::new());
    let open = || {
        Client::open(Options {
            profile_dir: folder.path().to_owned(),
            secrets: Arc::<MemorySecrets>::clone(&secrets),
        })
    };
    let client = open().await.unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", silent.local_addr().unwrap()).parse().unwrap();
    let signing_in = tokio::spawn({
        let client = client.clone();
        async move { client.sign_in(&server, "ana", "mango-tree-42").await }
    });
    // Kept open, so that the sign-in waits for an answer.
    let _asked = silent.accept().await.unwrap();

    timeout(SOON, client.close()).await.unwrap();
    let outcome = timeout(SOON, signing_in).await.unwrap().unwrap();
    assert!(matches!(outcome, Err(SignInError::Store(StoreError::Closed))), "{outcome:?}");

    let again = open().await.unwrap();
    assert_eq!(again.session(), SessionState::SignedOut);
    again.close().await;
}
