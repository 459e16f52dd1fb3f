//! The answer to a command's question: from flags, or typed on the terminal.
use super::arguments::Consent;
use super::output::Output;
use crate::workflow::Question;

/// Prints what would be done and where, and asks unless a flag answers; a proposal that is refused needs no question. A
/// protected environment's name must be given, whatever else was said.
pub(super) fn confirm(consent: &Consent, question: &Question<'_>) -> bool {
    let Question { proposal, protected } = question;
    Output.text(&proposal.text());
    if proposal.is_refused() {
        return false;
    }
    let words = proposal.question();
    match (protected, &consent.confirm) {
        (Some(name), Some(given)) => name == given,
        (Some(name), None) => Output.ask_for(&format!("{words} {name} is protected: type its name"), name),
        (None, _) => consent.yes || Output.ask(words),
    }
}
