//! A proxy of HTTP on loopback that leads every call to one address.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The running fake; it records the heads that it was sent.
pub struct HttpProxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl HttpProxy {
    /// Leads to `upstream`; without one it asks for a login each time.
    pub async fn start(upstream: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let shared = heads.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, upstream, shared.clone()));
            }
        });
        Self { address, heads, accepting }
    }

    /// Its address, with a login.
    pub fn url(&self) -> String {
        format!("http://ada:planted-word@{}", self.address)
    }

    /// The first line of each request.
    pub fn asked(&self) -> Vec<String> {
        let heads = self.heads.lock().expect("unpoisoned");
        heads.iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// The login of the last request.
    pub fn login(&self) -> Option<String> {
        let heads = self.heads.lock().expect("unpoisoned");
        heads.last()?.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim().to_owned())
        })
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, upstream: Option<SocketAddr>, heads: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let is_tunnel = head.starts_with("CONNECT ");
    heads.lock().expect("unpoisoned").push(head);
    let Some(upstream) = upstream else {
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let _ = stream.write_all(answer.as_bytes()).await;
        return;
    };
    let Ok(mut behind) = TcpStream::connect(upstream).await else { return };
    let begun = match is_tunnel {
        true => stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await,
        // The whole address in the first line is right for a server, too (RFC 9112 §3.2.2).
        false => behind.write_all(&request).await,
    };
    if begun.is_ok() {
        let _ = copy_bidirectional(&mut stream, &mut behind).await;
    }
}
