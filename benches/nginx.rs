//! A local nginx that answers some thousand paths with JSON of their own, and 404 to others.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::find;

/// Returns a path that the server knows. Paths that differ in a number alone are one place to the gate, and so is what any path
/// answers.
pub(crate) fn path(number: usize) -> String {
    let letter = |place: usize| char::from(b'a' + u8::try_from(number / place % 26).unwrap_or_default());
    format!("/api/{}{}{}", letter(676), letter(26), letter(1))
}

/// How to install what is missing.
pub(crate) const INSTALL: &str = "apt-get install nginx-light apache2-utils";

/// The running server; it ends when this is dropped.
pub(crate) struct Nginx {
    child: Child,
    port: u16,
    /// Holds its configuration and its temporary files.
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts it on a free port with one worker; `None` when it is not installed.
    pub(crate) fn start() -> anyhow::Result<Option<Self>> {
        let Some(program) = find("nginx") else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let at = folder.path().display();
        let configuration = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
             events {{ worker_connections 4096; }}\n\
             http {{\n\
               access_log off; keepalive_requests 10000000; tcp_nodelay on; default_type application/json;\n\
               client_body_temp_path {at}/body;\n\
               server {{\n\
                 listen 127.0.0.1:{port} backlog=4096;\n\
                 location = /requests {{ stub_status; }}\n\
                 location = /health {{ return 200 '{{\"status\":\"ok\"}}'; }}\n\
                 location ~ ^/api/[a-z][a-z][a-z]$ {{ return 200 '{{\"path\":\"$request_uri\"}}'; }}\n\
               }}\n\
             }}\n"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration)?;
        let child = Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("nginx does not start")?;
        let nginx = Self { child, port, _folder: folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            anyhow::ensure!(began.elapsed() < Duration::from_secs(10), "nginx does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Some(nginx))
    }

    /// Returns its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns how many requests it has had (ngx_http_stub_status_module: the third number of its third line).
    pub(crate) fn requests(&self) -> anyhow::Result<f64> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(b"GET /requests HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let counts = answer.lines().skip_while(|line| !line.starts_with("server accepts")).nth(1);
        let requests = counts.and_then(|line| line.split_whitespace().nth(2)).and_then(|number| number.parse().ok());
        requests.with_context(|| format!("nginx does not count its requests: {answer}"))
    }

    /// Asks `ab -k` for its rate on one path, in requests a second; `None` when it is not installed.
    pub(crate) fn ab_rate(&self, requests: u32, connections: u32) -> anyhow::Result<Option<f64>> {
        let Some(program) = find("ab") else { return Ok(None) };
        let output = Command::new(program)
            .args(["-k", "-q", "-n", &requests.to_string(), "-c", &connections.to_string()])
            .arg(format!("{}{}", self.url(), path(1)))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text
            .lines()
            .find_map(|line| line.strip_prefix("Requests per second:"))
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|number| number.parse().ok())
            .with_context(|| format!("ab said nothing about its rate: {text}"))?;
        Ok(Some(rate))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
