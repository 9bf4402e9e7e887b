//! The pretend production: a small service on a loopback port, which runs one build at a time.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::DemoError;
use super::builds::{Build, FIXED};

type DeployedBuild = Arc<Mutex<Build>>;

/// The running service; it stops when it is dropped.
#[derive(Debug)]
pub(super) struct DemoProduction {
    address: SocketAddr,
    deployed: DeployedBuild,
    serving: JoinHandle<()>,
}

impl DemoProduction {
    /// Starts the service with a build on a free loopback port.
    pub(super) async fn start(build: Build) -> Result<Self, DemoError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(DemoError::Production)?;
        let address = listener.local_addr().map_err(DemoError::Production)?;
        let deployed = Arc::new(Mutex::new(build));
        let routes = Router::new()
            .route("/", get(|| async { "Pretend production" }))
            .route("/health", get(|| async { Json(json!({"status": "ok"})) }))
            .route("/version", get(version))
            .route("/api/auth/session", get(session))
            .route("/api/users", get(|| async { Json(json!({"users": ["ada", "grace"]})) }))
            .route("/api/orders", get(|| async { Json(json!({"orders": [{"id": 1, "total": 42}]})) }))
            .with_state(deployed.clone());
        let serving = tokio::spawn(async move {
            // The service ends with the demo, so its error does not matter.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, deployed, serving })
    }

    /// Returns the address that an agent would know as `prod_url`.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replaces the build that answers.
    pub(super) fn deploy(&self, build: Build) {
        *self.deployed.lock().unwrap_or_else(PoisonError::into_inner) = build;
    }
}

impl Drop for DemoProduction {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn current(deployed: &DeployedBuild) -> Build {
    *deployed.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn version(State(deployed): State<DeployedBuild>) -> Json<Value> {
    Json(json!({"version": current(&deployed).commit}))
}

async fn session(State(deployed): State<DeployedBuild>) -> (StatusCode, Json<Value>) {
    if current(&deployed) == FIXED {
        (StatusCode::OK, Json(json!({"session": {"user": "ada", "expires_in": 3600}})))
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({"error": "the session's signature is not valid"})))
    }
}
