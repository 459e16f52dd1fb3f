//! Problem with a change that cannot be made, by object, and the diagnostic made of it.
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::ObjectId;

/// A change that cannot be made. The planner knows objects; where they stand in files, its caller does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Code of the mistake.
    pub code: Code,
    /// The object to point at.
    pub object: ObjectId,
    /// Attribute of the object, where one is meant.
    pub attribute: Option<&'static str>,
    /// Sentence that says what is wrong.
    pub message: String,
    /// Advice that says what would be right.
    pub help: Option<String>,
}

impl Problem {
    /// Something that pgform cannot do yet.
    #[must_use]
    pub fn not_yet(object: &ObjectId, message: String) -> Self {
        Self { code: Code::NotYet, object: *object, attribute: None, message, help: None }
    }

    /// Something that leans on what the declaration takes away.
    #[must_use]
    pub fn leans(dependent: &ObjectId, on: &ObjectId) -> Self {
        Self {
            code: Code::NotDeclared,
            object: *dependent,
            attribute: None,
            message: format!(
                "{} {} uses {} {}, which is no longer declared",
                dependent.word(),
                dependent.short(),
                on.word(),
                on.short()
            ),
            help: Some(format!(
                "declare {} again, or change {} so that it does without",
                on.short(),
                dependent.short()
            )),
        }
    }

    /// Points at an attribute.
    #[must_use]
    pub fn at(mut self, attribute: &'static str) -> Self {
        self.attribute = Some(attribute);
        self
    }

    /// The diagnostic, at the place where the object is declared.
    #[must_use]
    pub fn diagnostic(&self, place: Option<&Place>) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, self.message.clone()).maybe_at(place, "here");
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }
}
