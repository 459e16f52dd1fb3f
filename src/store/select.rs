//! Selection of a plan by number, name, digest or file.
use super::{Plans, StoredPlan};
use crate::{
    diagnostic::{Code, Command, Diagnostic, Diagnostics},
    yaml::nearest,
};
use std::{path::Path, sync::Arc};

/// Least number of a digest's digits that name a plan.
const MIN_DIGITS: usize = 4;

impl Plans {
    /// Selects a plan by number (`3`, `0003`), name (`add-embeddings`, `0003-add-embeddings`), the beginning of its
    /// digest, or a file, which may lie anywhere.
    ///
    /// # Errors
    /// `plan-name` for none, or for several, all of which are listed; for a file, the errors of [`StoredPlan::open`].
    pub fn select(&self, text: &str) -> Result<Arc<StoredPlan>, Diagnostics> {
        if text.contains('/') || text.ends_with(".yaml") {
            let path = Path::new(text);
            let here = self.plans.iter().find(|p| p.path == path || p.path.file_name() == Some(path.as_os_str()));
            return match here {
                Some(plan) => Ok(Arc::clone(plan)),
                None => StoredPlan::open(path).map(|plan| {
                    // A path may lead to a plan of the folder by another way.
                    let outside = !self.plans.iter().any(|p| p.digest() == plan.digest());
                    Arc::new(StoredPlan { outside, ..plan })
                }),
            };
        }
        let by_name = |plan: &&Arc<StoredPlan>| plan.name == text;
        let found: Vec<_> = match self.plans.iter().find(by_name) {
            Some(plan) => vec![plan],
            None => self.plans.iter().filter(|p| means(p, text)).collect(),
        };
        match found.as_slice() {
            [plan] => Ok(Arc::clone(plan)),
            [] => Err(self.nothing(text).into()),
            several => Err(ambiguous(text, several).into()),
        }
    }

    fn nothing(&self, text: &str) -> Diagnostic {
        let message = format!("no plan is called `{}`", text.escape_debug());
        let diagnostic = Diagnostic::error(Code::PlanName, message);
        match nearest(text, self.plans.iter().map(|p| p.slug.as_str())) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if self.plans.is_empty() => {
                let plan = Command::new("plan").option("-m", "what changes, in a few words");
                diagnostic.help(format!("there are no plans in {} yet", self.dir.display())).way("make one", plan)
            }
            None => {
                let last: Vec<_> = self.plans.iter().rev().take(5).map(|p| p.slug.as_str()).collect();
                diagnostic.help(format!("the last ones: {}", last.join(", ")))
            }
        }
    }
}

fn means(plan: &StoredPlan, text: &str) -> bool {
    let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let digits = text.strip_prefix("p1:").unwrap_or(text);
    let digest = plan.digest().as_str().strip_prefix("p1:").unwrap_or_default();
    plan.slug == text
        || (number && plan.number.is_some_and(|n| text.parse() == Ok(n)))
        || (digits.len() >= MIN_DIGITS && digest.starts_with(digits))
}

fn ambiguous(text: &str, plans: &[&Arc<StoredPlan>]) -> Diagnostic {
    let list: Vec<_> = plans.iter().map(|p| format!("{} ({})", p.name, p.digest().short())).collect();
    let message = format!("`{text}` could be any of {} plans: {}", plans.len(), list.join(", "));
    Diagnostic::error(Code::PlanName, message).help("write the whole name, or more of the digest")
}
