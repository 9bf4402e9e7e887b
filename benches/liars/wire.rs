//! HTTP/1.1 by hand, so that the production can send what no framework would.

use std::io::Result;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::{Answer, Delivery};
use super::request::Request;

/// Reads the next request of a connection; nothing when the client went away or speaks something else.
pub(super) async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        fill(stream, buffer).await?;
    };
    let mut request = Request::read(&String::from_utf8_lossy(&buffer[..head_end]))?;
    let end = head_end + request.length();
    while buffer.len() < end {
        fill(stream, buffer).await?;
    }
    request.body = String::from_utf8_lossy(&buffer[head_end..end]).into_owned();
    buffer.drain(..end);
    Some(request)
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 8192];
    let read = stream.read(&mut chunk).await.ok()?;
    buffer.extend_from_slice(&chunk[..read]);
    (read > 0).then_some(())
}

/// Sends an answer; tells whether the connection may be used again.
pub(super) async fn send(stream: &mut TcpStream, request: &Request, answer: &Answer) -> Result<bool> {
    if answer.delivery == Delivery::Raw {
        stream.write_all(&answer.body).await?;
        return Ok(false);
    }
    if let Delivery::Late(time) = answer.delivery {
        tokio::time::sleep(time).await;
    }
    stream.write_all(head(answer).as_bytes()).await?;
    if request.method == "HEAD" || matches!(answer.status, 204 | 304) {
        return Ok(true);
    }
    match answer.delivery {
        Delivery::Drip(pause) => {
            for byte in &answer.body {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Delivery::Hang => {
            wait_for_end(stream).await;
            return Ok(false);
        }
        Delivery::Chunked | Delivery::ChunksCut | Delivery::Stream => {
            for part in answer.body.chunks(1024) {
                stream.write_all(format!("{:x}\r\n", part.len()).as_bytes()).await?;
                stream.write_all(part).await?;
                stream.write_all(b"\r\n").await?;
            }
            match answer.delivery {
                Delivery::Chunked => stream.write_all(b"0\r\n\r\n").await?,
                Delivery::Stream => wait_for_end(stream).await,
                _ => {}
            }
        }
        _ => stream.write_all(&answer.body).await?,
    }
    stream.flush().await?;
    Ok(matches!(answer.delivery, Delivery::Whole | Delivery::Chunked | Delivery::Late(_)))
}

fn head(answer: &Answer) -> String {
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = answer.body.len();
    head.push_str(&match answer.delivery {
        _ if matches!(answer.status, 204 | 304) => String::new(),
        Delivery::Chunked | Delivery::ChunksCut | Delivery::Stream => "transfer-encoding: chunked\r\n".to_owned(),
        Delivery::UntilClosed => "connection: close\r\n".to_owned(),
        Delivery::Cut => format!("content-length: {}\r\n", length + 100),
        _ => format!("content-length: {length}\r\n"),
    });
    head + "\r\n"
}

/// Waits until the client hangs up, but not for ever.
async fn wait_for_end(stream: &mut TcpStream) {
    let mut rest = [0; 1024];
    let ended = async { while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(Duration::from_secs(20), ended).await;
}
