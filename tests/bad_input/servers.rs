//! Servers that are none, too old, behind a pooler, or do not let everyone do everything.
use super::scene::{FIRST, Run, Scene};
use crate::support::{Version, fresh_database};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Serves every connection by this, and gives the port.
fn serve(how: fn(&mut TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || drop(how(&mut stream)));
        }
    });
    port
}

fn silent(_: &mut TcpStream) -> std::io::Result<()> {
    thread::sleep(Duration::from_secs(60));
    Ok(())
}

fn http(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read_exact(&mut [0; 8])?;
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
}

fn garbage(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(&(0..=255).rev().collect::<Vec<u8>>())?;
    silent(stream)
}

fn closes(_: &mut TcpStream) -> std::io::Result<()> {
    Ok(())
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

/// Refuses TLS, and gives what the startup packet says.
fn startup(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut packet = packet(stream)?;
    if packet.len() == 4 {
        stream.write_all(b"N")?;
        packet = self::packet(stream)?;
    }
    Ok(String::from_utf8_lossy(&packet).into_owned())
}

fn packet(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn let_in(stream: &mut TcpStream) -> std::io::Result<()> {
    let ready = [message(b'R', &[0; 4]), message(b'K', &[0; 8]), message(b'Z', b"I")].concat();
    stream.write_all(&ready)
}

/// Lets people in and is silent then, as a pooler whose server is gone.
fn hangs(stream: &mut TcpStream) -> std::io::Result<()> {
    startup(stream)?;
    let_in(stream)?;
    silent(stream)
}

fn starts_up(stream: &mut TcpStream) -> std::io::Result<()> {
    startup(stream)?;
    stream.write_all(&message(b'E', b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"))
}

fn pooler(stream: &mut TcpStream) -> std::io::Result<()> {
    startup(stream)?;
    stream.write_all(&message(b'E', b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"))
}

/// As much of PostgreSQL 13 as is asked for.
fn thirteen(stream: &mut TcpStream) -> std::io::Result<()> {
    let packet = startup(stream)?;
    let nonce = packet
        .split("pgform.session=")
        .nth(1)
        .map(|rest| rest.split(['\0', ' ']).next().unwrap_or_default().to_owned());
    let_in(stream)?;
    loop {
        stream.read_exact(&mut [0; 1])?;
        let sql = String::from_utf8_lossy(&self::packet(stream)?).into_owned();
        if sql.contains("default_toast_compression") {
            let said = b"SERROR\0VERROR\0C42704\0Munrecognized configuration parameter\0\0";
            stream.write_all(&[message(b'E', said), message(b'Z', b"I")].concat())?;
            continue;
        }
        if sql.contains("server_version_num") {
            for value in ["130014", "13.14"] {
                let field =
                    [&1_u16.to_be_bytes()[..], b"c\0", &[0; 6], &25_u32.to_be_bytes(), &[255; 6], &[0; 2]].concat();
                let length = u32::try_from(value.len()).unwrap().to_be_bytes();
                let row = [&1_u16.to_be_bytes()[..], &length, value.as_bytes()].concat();
                stream.write_all(&[message(b'T', &field), message(b'D', &row), message(b'C', b"SHOW\0")].concat())?;
            }
            stream.write_all(&message(b'Z', b"I"))?;
            continue;
        }
        let row: Vec<String> = match () {
            () if sql.contains("pgform.session") => vec![nonce.clone().unwrap_or_default()],
            () => Vec::new(),
        };
        let mut answer = Vec::new();
        if !row.is_empty() {
            let count = u16::try_from(row.len()).unwrap().to_be_bytes();
            let field = [&b"c\0"[..], &[0; 6], &25_u32.to_be_bytes(), &[255; 6], &[0; 2]].concat();
            answer.extend(message(b'T', &[&count[..], &field.repeat(row.len())].concat()));
            let values: Vec<u8> = row
                .iter()
                .flat_map(|v| [&u32::try_from(v.len()).unwrap().to_be_bytes()[..], v.as_bytes()].concat())
                .collect();
            answer.extend(message(b'D', &[&count[..], &values].concat()));
        }
        answer.extend(message(b'C', b"SELECT 1\0"));
        answer.extend(message(b'Z', b"I"));
        stream.write_all(&answer)?;
    }
}

fn both(scene: &Scene, port: u16, code: i32, said: &[&str]) -> [Run; 2] {
    let url = format!("postgres://u:s3cret@127.0.0.1:{port}/d?connect_timeout=2");
    let runs =
        [&["status", "-d", &url][..], &["apply", "--yes", "-d", &url]].map(|args| scene.refused(args, code, said));
    for run in &runs {
        assert!(run.took < Duration::from_secs(8), "{:?}", run.took);
        assert!(!run.err.contains("s3cret"), "{}", run.err);
    }
    runs
}

#[test]
fn what_does_not_answer_or_is_no_postgresql() {
    let scene = Scene::new(FIRST);
    type Serves = fn(&mut TcpStream) -> std::io::Result<()>;
    let cases: [(Serves, &str); 6] = [
        (silent, "no answer within 2 s (connect_timeout)"),
        (hangs, "lets pgform in and does not answer within 2 s"),
        (http, "cannot reach a server at 127.0.0.1"),
        (garbage, "does not speak PostgreSQL's protocol"),
        (closes, "cannot reach a server at 127.0.0.1"),
        (starts_up, "the database system is starting up"),
    ];
    thread::scope(|scope| {
        for (how, said) in cases {
            let scene = &scene;
            scope.spawn(move || both(scene, serve(how), 1, &["error[connect]", said]));
        }
    });
}

#[test]
fn a_server_older_than_14() {
    let said = ["error[server-version]", "is PostgreSQL 13.14; pgform works with 14 and later", "help: upgrade"];
    both(&Scene::new(FIRST), serve(thirteen), 1, &said);
}

#[test]
fn a_pooler() {
    let url = format!("postgres://u@127.0.0.1:{}/d", serve(pooler));
    let said = ["error[pooler]", "takes no options from a client", "the server's direct address"];
    Scene::new(FIRST).refused(&["apply", "--yes", "-d", &url], 1, &said);
}

#[test]
fn what_a_server_does_not_let_one_do() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let server = database.server;
    let weak = format!("weak_{}", database.name);
    server.sql("postgres", &format!("create role {weak} login password 'right'"));
    let scene = Scene::planned();
    let url = |user: &str, password: &str, name: &str| {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{name}", server.port)
    };
    scene.refused(
        &["status", "-d", &url("postgres", "x", "nowhere")],
        1,
        &["error[connect]: there is no database `nowhere`", "pgform makes no databases"],
    );
    scene.refused(
        &["status", "-d", &url("nobody_here", "x", "postgres")],
        1,
        &["error[connect]", "does not let role `nobody_here` in"],
    );
    let before = super::scene::dump(&database);
    let weak_url = url(&weak, "x", &database.name);
    scene.refused(
        &["apply", "--yes", "-d", &weak_url],
        1,
        &[
            "error[rights]",
            &format!("grant create on schema public to {weak}"),
            &format!("grant create on database {} to {weak}", database.name),
            "2 mistakes",
        ],
    );
    scene.run(&["check", "-d", &weak_url]).expect(2, &["pending: 0001 first"]);
    assert_eq!(super::scene::dump(&database), before);
    server.admit(&format!("host all {weak} all scram-sha-256"));
    let refused = |password: &str, said: &str| {
        let run = scene.run(&["status", "-d", &url(&weak, password, &database.name)]);
        run.expect(1, &["error[connect]", said]);
    };
    // Until the server has read the file again.
    for _ in 0..100 {
        if scene.run(&["status", "-d", &url(&weak, "wrong", &database.name)]).code == 1 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    refused("wrong", &format!("refused the password of role `{weak}`"));
    refused("", "none was given");
    scene.run(&["status", "-d", &url(&weak, "right", &database.name)]).expect(0, &["as weak_"]);
}

#[test]
fn an_extension_that_the_server_does_not_have() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let scene = Scene::new(&format!("extensions: {{nowhere: }}\n{FIRST}"));
    scene.run(&["plan", "-m", "first"]).expect(0, &["extension nowhere"]);
    let said = [
        "error[assumption]: the plan makes extension nowhere, and this server does not have it",
        "install its package",
    ];
    scene.refused_on(&database, &["apply", "--yes"], 4, &said);
}
