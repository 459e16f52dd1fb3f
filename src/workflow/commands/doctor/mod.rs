//! `doctor`: examines everything that a command needs, one thing after another, and tells how to mend what is wrong.
mod connecting;
mod examine;
mod leftovers;
mod rights;
mod server;
mod standing;

pub use examine::doctor;
