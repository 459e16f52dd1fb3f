//! Tests of the whole codec; those of one file stand in it.
mod declared;
mod mistakes;
mod render;
mod samples;
mod state;
mod written;
