//! The built pages, served as a web server does.

use std::net::Ipv4Addr;

use anyhow::ensure;
use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use roost_tests::programs::repository;
use tokio::{net::TcpListener, task::JoinHandle};

/// A server of the pages, which ends with this.
pub(crate) struct Pages {
    address: String,
    server: JoinHandle<()>,
}

impl Pages {
    /// Starts it.
    pub(crate) async fn serve() -> anyhow::Result<Self> {
        ensure!(
            repository().join("ui/dist-gallery/gallery/sheet.html").is_file(),
            "the pages of the gallery have not been built: run `cargo xtask build`"
        );
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}/gallery/sheet.html", listener.local_addr()?);
        let router = Router::new().route("/{*path}", get(file));
        let server = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, server })
    }

    /// Where the page with all variants is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn file(Path(path): Path<String>) -> impl IntoResponse {
    let found = tokio::fs::read(repository().join("ui/dist-gallery").join(&path)).await;
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match found {
        Ok(content) => (StatusCode::OK, [(header::CONTENT_TYPE, kind)], content),
        Err(_) => (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain")], Vec::new()),
    }
}
