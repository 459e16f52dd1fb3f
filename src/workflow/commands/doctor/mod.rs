//! `doctor`: looks at everything that a command needs, one thing after another, and says what mends what it finds.
mod connecting;
mod examine;
mod leftovers;
mod rights;
mod server;
mod standing;

pub use examine::doctor;
