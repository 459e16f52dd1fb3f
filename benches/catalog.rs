//! Reads the catalog of a database, and prints how many queries that took: `catalog postgres://…`
//!
//! `make bench` runs it beside `pg_dump --schema-only`. It reads what `import` reads, in the same kind of session and with as
//! many threads.
use diesel::connection::InstrumentationEvent;
use diesel_async::AsyncConnection;
use pgform::{
    catalog::{self, Scope},
    diagnostic::Diagnostics,
    server::{ConnectOptions, connect_reading},
};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::print_stdout, reason = "a program")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).filter(|argument| !argument.starts_with('-')).ok_or("name a database: a URL")?;
    let options = ConnectOptions::parse(&url, &|name| std::env::var(name).ok()).map_err(Diagnostics::from)?;
    let mut connection = connect_reading(&options).await.map_err(Diagnostics::from)?;
    let queries = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&queries);
    connection.diesel().set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let live = catalog::read(connection.diesel(), &Scope::of(["public"])).await?;
    println!("{} queries, {} objects", queries.load(Ordering::Relaxed), live.state.objects.len());
    connection.close().await?;
    // The process ends here, as pg_dump's does: nothing is taken apart.
    std::mem::forget(live);
    Ok(())
}
