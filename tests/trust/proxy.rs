//! A line to a server that can be slow, cut a message, or go quiet.
use crate::support::TestDatabase;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What is done when the client says the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The test is told, and all goes on.
    Tell,
    /// The test is told; of this message only the half goes on for now, the rest two seconds later.
    TellAndCut,
    /// The message goes on, and from then on nothing does.
    Mute,
    /// Not even the message goes on.
    MuteBefore,
}

pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    to: u16,
    word: String,
    act: Act,
    said: Mutex<bool>,
    told: Condvar,
    mute: AtomicBool,
    slow: AtomicU64,
    over: AtomicBool,
    lines: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Listens for clients of the server at this port.
    pub fn to(to: u16, word: &str, act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            to,
            word: word.to_owned(),
            act,
            said: Mutex::new(false),
            told: Condvar::new(),
            mute: AtomicBool::new(false),
            slow: AtomicU64::new(0),
            over: AtomicBool::new(false),
            lines: Mutex::new(Vec::new()),
        });
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if own.over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", own.to)) else { return };
                own.lines.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                for (from, to, out) in
                    [(client.try_clone().unwrap(), server.try_clone().unwrap(), true), (server, client, false)]
                {
                    let own = Arc::clone(&own);
                    thread::spawn(move || own.pass(from, to, out));
                }
            }
        });
        Self { port, shared }
    }

    /// From the word on, each way takes so long.
    pub fn slow(self, way: Duration) -> Self {
        self.shared.slow.store(way.as_millis().try_into().unwrap(), Ordering::SeqCst);
        self
    }

    pub fn url(&self, database: &TestDatabase) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, database.name)
    }

    /// Waits until the word was said.
    pub fn wait(&self) {
        let said = self.shared.said.lock().unwrap();
        let (said, late) = self.shared.told.wait_timeout_while(said, Duration::from_secs(60), |said| !*said).unwrap();
        assert!(*said && !late.timed_out(), "`{}` was never said", self.shared.word);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        for line in self.shared.lines.lock().unwrap().iter() {
            let _ = line.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn pass(&self, mut from: TcpStream, mut to: TcpStream, out: bool) {
        let mut buffer = vec![0; 1 << 20];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let bytes = &buffer[..count];
            if *self.said.lock().unwrap() {
                thread::sleep(Duration::from_millis(self.slow.load(Ordering::SeqCst)));
            }
            let says = out && String::from_utf8_lossy(bytes).contains(&self.word) && !*self.said.lock().unwrap();
            if says && self.act == Act::MuteBefore {
                self.mute.store(true, Ordering::SeqCst);
            }
            if self.mute.load(Ordering::SeqCst) {
                if says {
                    self.tell();
                }
                continue;
            }
            let (now, later) = bytes.split_at(if says && self.act == Act::TellAndCut { count / 2 } else { count });
            if says && self.act == Act::Mute {
                self.mute.store(true, Ordering::SeqCst);
            }
            if to.write_all(now).is_err() {
                break;
            }
            if says {
                self.tell();
            }
            if !later.is_empty() {
                thread::sleep(Duration::from_secs(2));
                if to.write_all(later).is_err() {
                    break;
                }
            }
        }
        // What is quiet does not say goodbye either: the server's end stays open, as behind a router that has lost its way.
        if !self.mute.load(Ordering::SeqCst) {
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        }
    }

    fn tell(&self) {
        *self.said.lock().unwrap() = true;
        self.told.notify_all();
    }
}
