//! What every example needs: a production of its own on a loopback port.

use std::net::SocketAddr;

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A small service; it stops when it is dropped.
pub(crate) struct Production {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Production {
    /// Starts it on a free port.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let routes = Router::new()
            .route("/health", get(|| async { Json(json!({"status": "ok"})) }))
            .route("/api/users", get(|| async { Json(json!({"users": ["ada", "grace"]})) }))
            .route("/api/auth", get(|| async { (StatusCode::UNAUTHORIZED, Json(json!({"error": "log in first"}))) }))
            .route("/api/auth/login", post(log_in));
        let serving = tokio::spawn(async move {
            // It ends with the example; there is nobody to tell.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, serving })
    }

    /// Returns its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn log_in(Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    if body["email"] == "test@test.com" && body["password"] == "test" {
        (StatusCode::OK, Json(json!({"user": body["email"]})))
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({"error": "wrong email or password"})))
    }
}
