use super::{
    Direction, Guard, Observer, Settings,
    apply::forward,
    context::{Context, Left},
    failure::Failure,
    session,
    stopped::Stop,
};
use crate::{diagnostic::Diagnostic, plan::format::Body, server::Connection};

/// Runs a body's segments without a journal: what `build` does on an empty database, before it records where that stands.
/// What stops midway is not resumed.
///
/// # Errors
/// As [`super::apply`]'s.
pub async fn run_unjournaled(
    connection: &mut Connection,
    body: &Body,
    settings: &Settings,
    observer: &mut dyn Observer,
    guard: &mut dyn Guard,
) -> Result<(), Diagnostic> {
    let total = u32::try_from(body.segments.len()).unwrap_or(u32::MAX);
    let mut cx = Context { settings, observer, guard, run: None, left: Left::Nothing };
    let stop = |number: u32, left: Left, failure: Failure| {
        let in_place: Vec<u32> = (1..number).collect();
        let midway = number > 1;
        Stop { direction: Direction::Forward, number, total, in_place: &in_place, midway, left }
            .diagnostic(failure, settings)
    };
    session::begin(connection, settings, "build").await.map_err(|failure| stop(1, Left::Nothing, failure))?;
    for (number, segment) in (1..).zip(&body.segments) {
        if let Err(failure) = forward(connection, &mut cx, segment, (number, total), false).await {
            let left = cx.left;
            let _ = session::end(connection, settings).await;
            return Err(stop(number, left, failure));
        }
    }
    session::end(connection, settings).await.map_err(|failure| stop(total, Left::Nothing, failure))
}
