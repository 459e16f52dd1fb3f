use super::render::{mistakes, read, render, snapshot};
