use super::{
    Accepted, Receipt, ReceiptKind, StoredPlan,
    plans::{entries, file_error, write_new},
};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, Source},
    model::Digest,
    yaml,
};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// All receipts of a project. They lie in a folder beside their plan (`0002-add-embeddings.receipts`), and count for every
/// plan with the body that they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// In the order of time; equal times by file.
    receipts: Vec<(PathBuf, Receipt)>,
}

impl Receipts {
    /// Reads the receipts of all plans in the plans' folder.
    ///
    /// # Errors
    /// All files that are damaged or no receipts, at once.
    pub fn load(dir: &Path) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let mut receipts = Vec::new();
        for folder in entries(dir)?.into_iter().filter(|p| p.extension().is_some_and(|e| e == "receipts")) {
            for path in entries(&folder)? {
                let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
                if !hidden {
                    receipts.extend(diagnostics.collect(read(&path)).map(|receipt| (path, receipt)));
                }
            }
        }
        receipts.sort_by(|(a_path, a), (b_path, b)| (a.when, a_path).cmp(&(b.when, b_path)));
        diagnostics.or_value(Self { receipts }).map(|(receipts, _)| receipts)
    }

    /// The receipts of a body, in the order of time.
    #[must_use]
    pub fn of_body(&self, body: &Digest) -> Vec<&Receipt> {
        self.receipts.iter().map(|(_, receipt)| receipt).filter(|r| r.body == *body).collect()
    }

    /// The approvals of a plan, in the order of time.
    #[must_use]
    pub fn approvals(&self, plan: &StoredPlan) -> Vec<&Receipt> {
        self.of_body(plan.body_digest()).into_iter().filter(|r| r.kind == ReceiptKind::Approved).collect()
    }

    /// Who made the plan, in the order of time: more than one where the same body was made again.
    #[must_use]
    pub fn authors(&self, plan: &StoredPlan) -> Vec<&str> {
        let made = self.of_body(plan.body_digest()).into_iter().filter(|r| r.kind == ReceiptKind::Made);
        made.map(|r| r.who.as_str()).collect()
    }

    /// The last dry run of a plan in an environment, or its application there, which shows as much.
    #[must_use]
    pub fn tried_in(&self, plan: &StoredPlan, environment: &str) -> Option<&Receipt> {
        let tried = |r: &&Receipt| match r.kind {
            ReceiptKind::DryRun | ReceiptKind::Applied => r.environment.as_deref() == Some(environment),
            ReceiptKind::Made | ReceiptKind::Approved | ReceiptKind::RolledBack => false,
        };
        self.of_body(plan.body_digest()).into_iter().rfind(tried)
    }

    /// The hazards that approvals of a plan have accepted.
    #[must_use]
    pub fn accepted_hazards(&self, plan: &StoredPlan) -> BTreeSet<Accepted> {
        self.approvals(plan).into_iter().flat_map(|r| r.hazards.iter().cloned()).collect()
    }

    /// Writes a receipt beside a plan, and gives its file. The same receipt twice is one file.
    ///
    /// # Errors
    /// `plan-invariant` for a receipt of another body; `file` where it cannot be written.
    pub fn write(&mut self, plan: &StoredPlan, receipt: Receipt) -> Result<PathBuf, Diagnostics> {
        if receipt.body != *plan.body_digest() {
            let message = format!("a receipt of {} is no receipt of {}", receipt.body.short(), plan.title_line());
            return Err(Diagnostic::error(Code::PlanInvariant, message).into());
        }
        let text = yaml::write(&receipt)?;
        let folder = plan.path.with_extension("receipts");
        fs::create_dir_all(&folder).map_err(|error| file_error(&folder, "cannot be made", &error))?;
        let path = folder.join(file_name(&receipt, &text));
        match write_new(&path, text.as_bytes()) {
            Ok(()) => {}
            // The name holds the digest of the text: what is there is this receipt.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(path),
            Err(error) => return Err(file_error(&path, "cannot be written", &error).into()),
        }
        self.receipts.push((path.clone(), receipt));
        self.receipts.sort_by(|(a_path, a), (b_path, b)| (a.when, a_path).cmp(&(b.when, b_path)));
        Ok(path)
    }
}

/// `approved-20260131T093000Z-3f2a1b4c5d6e.yaml`: the kind, the time, the digest of the text.
fn file_name(receipt: &Receipt, text: &str) -> String {
    let time: String = receipt.when.to_string().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    format!("{}-{time}-{}.yaml", receipt.kind.as_str(), own_digits(text))
}

fn own_digits(text: &str) -> String {
    Digest::of("p1", text.as_bytes()).short().chars().skip("p1:".len()).collect()
}

fn read(path: &Path) -> Result<Receipt, Diagnostics> {
    let text = fs::read_to_string(path).map_err(|error| file_error(path, "cannot be read", &error))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if !name.ends_with(&format!("-{}.yaml", own_digits(&text))) {
        let message = format!("{} was changed after pgform wrote it, or is no receipt", path.display());
        return Err(Diagnostic::error(Code::PlanFile, message)
            .help("bring back the file as it was written (version control has it), or remove it: then what it tells never happened")
            .into());
    }
    let source = Arc::new(Source { name: path.display().to_string(), text });
    yaml::typed(&yaml::read_one(&source)?, "the receipt")
}
