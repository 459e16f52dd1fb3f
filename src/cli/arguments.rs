use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Declared state, online DDL, a stored and approved plan, and proof.
///
/// Exit codes: 0 done or in step, 1 error, 2 changes or plans pending, 3 drift, 4 refused, 5 stopped midway.
#[derive(Debug, Parser)]
#[command(name = "pgform", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Where the project's files are.
#[derive(Debug, Args)]
pub(super) struct Folders {
    /// The folder of the declaration.
    #[arg(long, default_value = "schema", value_name = "DIR", global = true)]
    pub(super) schema_dir: PathBuf,
    /// The folder of the plans.
    #[arg(long, default_value = "plans", value_name = "DIR", global = true)]
    pub(super) plans_dir: PathBuf,
}

/// Which database.
#[derive(Debug, Args)]
pub(super) struct Database {
    /// The database: a URL or libpq's keywords.
    #[arg(short = 'd', long, value_name = "URL")]
    pub(super) database_url: Option<String>,
    /// An environment of pgform.yaml.
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
}

/// Who said yes.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Don't ask.
    #[arg(long)]
    pub(super) yes: bool,
    /// The environment's name once more, where it is protected.
    #[arg(long, value_name = "NAME")]
    pub(super) confirm: Option<String>,
}

/// How the result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs, versioned.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Turns an existing database into schema/*.yaml and a baseline plan.
    #[command(after_help = "Example: pgform import -d postgres://localhost/app")]
    Import {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
    },
    /// Records that a database has a plan's state already.
    #[command(after_help = "Example: pgform adopt -d postgres://localhost/app --yes")]
    Adopt {
        /// The plan; the baseline where not said.
        plan: Option<String>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        #[command(flatten)]
        consent: Consent,
        /// Only give the database the name of the environment: for a restored copy.
        #[arg(long)]
        relabel: bool,
    },
    /// Checks the declaration, without a database.
    #[command(after_help = "Example: pgform validate")]
    Validate {
        #[command(flatten)]
        folders: Folders,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Makes a plan from the last one to the declaration, proven forward and back.
    #[command(after_help = "Example: pgform plan -m \"add embeddings\"")]
    Plan {
        /// What the plan is for.
        #[arg(short = 'm', long = "message", value_name = "TEXT")]
        title: String,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        /// Write here instead of the plans' folder.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Take the place of the last plan.
        #[arg(long, value_name = "PLAN")]
        replace: Option<String>,
        /// Take over a declared object that the database has already.
        #[arg(long, value_name = "NAME")]
        absorb: Vec<String>,
        /// Drop an object that the database has, and no plan.
        #[arg(long, value_name = "NAME")]
        drop: Vec<String>,
        /// A scratch server instead of the embedded one.
        #[arg(long, value_name = "URL")]
        shadow: Option<String>,
        /// Exit 2 when there are changes.
        #[arg(long)]
        detailed_exitcode: bool,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Prints a plan's review from its bytes alone.
    #[command(
        after_help = "Example: pgform show add-embeddings\nExample: pgform show add-embeddings --snapshot --check"
    )]
    Show {
        /// The plan: a name, a number, the beginning of a digest, or a file.
        plan: String,
        #[command(flatten)]
        folders: Folders,
        /// Write snapshots/PLAN.snap.
        #[arg(long)]
        snapshot: bool,
        /// Compare with the snapshot instead of writing it.
        #[arg(long, requires = "snapshot")]
        check: bool,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Approves a plan; hazards are accepted by name.
    #[command(after_help = "Example: pgform approve add-embeddings --accept DataLoss:documents.legacy_path")]
    Approve {
        /// The plan.
        plan: String,
        /// A hazard with its object.
        #[arg(long, value_name = "HAZARD:OBJECT")]
        accept: Vec<String>,
        /// Who approves.
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
        #[command(flatten)]
        folders: Folders,
    },
    /// Really runs a plan on a database, measures it, and goes back.
    #[command(after_help = "Example: pgform dry-run add-embeddings --env staging --yes")]
    DryRun {
        /// The plan.
        plan: String,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        #[command(flatten)]
        consent: Consent,
        /// A hazard allowed, with an object or a pattern.
        #[arg(long, value_name = "HAZARD[:OBJECT]")]
        allow: Vec<String>,
    },
    /// Applies the plans that a database lacks, in order.
    #[command(after_help = "Example: pgform apply --env production")]
    Apply {
        /// Up to this plan.
        plan: Option<String>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        #[command(flatten)]
        consent: Consent,
        /// A hazard allowed, with an object or a pattern.
        #[arg(long, value_name = "HAZARD[:OBJECT]")]
        allow: Vec<String>,
        /// Run a plan that was rolled back here.
        #[arg(long)]
        again: bool,
    },
    /// Goes back over the last plan, the stored way.
    #[command(after_help = "Example: pgform rollback --env production --allow DataLoss:documents.embedding")]
    Rollback {
        /// The plan; the last one where not said.
        plan: Option<String>,
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        #[command(flatten)]
        consent: Consent,
        /// A loss allowed, with an object or a pattern.
        #[arg(long, value_name = "HAZARD[:OBJECT]")]
        allow: Vec<String>,
    },
    /// Says where a database stands.
    #[command(after_help = "Example: pgform status -d postgres://localhost/app")]
    Status {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Lists what was run on a database.
    #[command(after_help = "Example: pgform history -d postgres://localhost/app")]
    History {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Compares a database with where it should stand: exit 0 in step, 2 plans pending, 3 drifted.
    #[command(after_help = "Example: pgform check --env production")]
    Check {
        #[command(flatten)]
        database: Database,
        #[command(flatten)]
        folders: Folders,
        /// How to print.
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Shows the whole way on the embedded PostgreSQL: import, plan, approve, apply, check, rollback.
    #[command(after_help = "Example: pgform demo")]
    Demo,
}
