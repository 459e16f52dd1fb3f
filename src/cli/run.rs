//! The entry of the program: parses the command line, runs the command, and maps its outcome to an exit code.
use super::arguments::{Arguments, Command};
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::output::Output;
use super::printer::Printer;
use super::{demo, files, reading, render, writing};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use clap::Parser;
use std::process::ExitCode;

/// Size of the working thread's stack, in bytes. Trees of SQL are walked by recursion, as deep as PostgreSQL's own
/// parser takes them (some thousands of `||` in a row); memory is only taken as it is used.
const STACK: usize = 512 * 1024 * 1024;

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let worker = std::thread::Builder::new().name("pgform".to_owned()).stack_size(STACK).spawn(work);
    // Without memory for such a stack, the usual one serves all but the deepest trees.
    worker.map_or_else(|_| work(), |thread| thread.join().unwrap_or(ExitCode::FAILURE))
}

fn work() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            if !error.use_stderr() || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                let _ = error.print();
                return ExitCode::from(if error.use_stderr() { Exit::Mistake } else { Exit::Done } as u8);
            }
            render::usage(&error.render().to_string());
            return ExitCode::from(Exit::Mistake as u8);
        }
    };
    let printer = Printer::new(arguments.command.format());
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.diagnostics(
                &Diagnostic::error(Code::Usage, format!("pgform could not start its threads: {error}")).into(),
            );
            return ExitCode::from(Exit::Mistake as u8);
        }
    };
    let interrupt = Interrupt::default();
    runtime.spawn(interrupt.clone().listen());
    let exit = match runtime.block_on(run(arguments.command, &printer, &interrupt)) {
        Ok(exit) => exit,
        Err(diagnostics) => {
            printer.diagnostics(&diagnostics);
            // The run stopped because it was asked to, and told how to go on.
            if interrupt.is_asked() { Exit::Interrupted } else { Exit::of(&diagnostics) }
        }
    };
    runtime.shutdown_background();
    ExitCode::from(exit as u8)
}

async fn run(command: Command, printer: &Printer, interrupt: &Interrupt) -> Result<Exit, Diagnostics> {
    match command {
        Command::Init(args) => files::init(&args),
        Command::Validate(args) => files::validate(&args, printer),
        Command::Plan(args) => files::plan(args, printer).await,
        Command::Show(args) => files::show(&args, printer),
        Command::Approve(args) => files::approve(args, printer),
        Command::Status(args) => reading::status(&args, printer).await,
        Command::History(args) => reading::history(&args, printer).await,
        Command::Check(args) => reading::check(&args, printer).await,
        Command::Doctor(args) => reading::doctor(&args, printer).await,
        Command::Import(args) => reading::import(&args, printer).await,
        Command::Adopt(args) => writing::adopt(args, printer).await,
        Command::DryRun(args) => writing::dry_run(&args, printer, interrupt).await,
        Command::Apply(args) => writing::apply(args, printer, interrupt).await,
        Command::Rollback(args) => writing::rollback(args, printer, interrupt).await,
        Command::Repair(args) => files::repair(args, printer).await,
        Command::Reset(args) => writing::reset(args, printer).await,
        Command::Demo => demo::run(Output, interrupt).await,
    }
}
