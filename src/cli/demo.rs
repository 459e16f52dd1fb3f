use super::exit::Exit;
use super::interrupt::Interrupt;
use super::output::Output;
use crate::diagnostic::Diagnostics;
pub(super) async fn run(_output: Output, _i: &Interrupt) -> Result<Exit, Diagnostics> {
    Ok(Exit::Done)
}
