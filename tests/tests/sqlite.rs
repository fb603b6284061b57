//! Which SQLite the programs carry: the engine's encrypts, the server's is the plain one.

use roost_tests::programs;

/// Stands in every build of `SQLCipher`, as the name of one of its pragmas.
const SQLCIPHER: &[u8] = b"cipher_version";

/// Whether a program that Cargo built carries `SQLCipher`.
fn encrypts(program: &str) -> anyhow::Result<bool> {
    let program = std::fs::read(programs::built(program)?)?;
    Ok(program.windows(SQLCIPHER.len()).any(|bytes| bytes == SQLCIPHER))
}

#[test]
fn the_engine_carries_sqlcipher_and_the_server_plain_sqlite() {
    assert!(encrypts("examples/chat").unwrap());
    assert!(
        !encrypts("companion-server").unwrap(),
        "built together with the engine, the server gets its SQLite: build it with `-p companion-server`"
    );
}
