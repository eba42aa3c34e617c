//! The program. Everything is in the library; here is only what a process has one of.
//!
//! Deliberately not here: anything that could be tested.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    hookswitch::cli::main()
}
