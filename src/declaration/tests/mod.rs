//! Tests of the whole codec between YAML and states; those of one file stand in that file.
mod declared;
mod mistakes;
mod render;
mod samples;
mod state;
mod written;
