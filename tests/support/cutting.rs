//! A line to a server that is cut at a moment of the test's choice.
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

/// Passes on what both sides say, until the client has said a word so many times: then what it said last still reaches
/// the server, and no answer comes back.
pub struct Cutting {
    pub port: u16,
}

impl Cutting {
    /// Cuts at the `at`th time that a client says this, counted from 1 over all connections.
    pub fn new(server: u16, word: &'static str, at: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::new(AtomicU32::new(0));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                let said = Arc::clone(&said);
                thread::spawn(move || pass(client, server, (word, at), &said));
            }
        });
        Self { port }
    }

    /// The same database, through this line.
    pub fn url(&self, of: &super::TestDatabase) -> String {
        of.url.replace(&format!(":{}/", of.server.port), &format!(":{}/", self.port))
    }
}

fn pass(mut client: TcpStream, mut server: TcpStream, (word, at): (&str, u32), said: &AtomicU32) {
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let cut = Arc::new(AtomicU32::new(0));
    let silent = Arc::clone(&cut);
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if silent.load(Ordering::SeqCst) > 0 || to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let mut buffer = [0; 65536];
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        let has = buffer[..read].windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
        if has && said.fetch_add(1, Ordering::SeqCst) + 1 == at {
            cut.store(1, Ordering::SeqCst);
            let _ = server.write_all(&buffer[..read]);
            // The server does it, and its answer is lost.
            thread::sleep(Duration::from_millis(700));
            break;
        }
        if server.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}
