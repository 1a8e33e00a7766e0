//! Opens the register of a command.

use std::path::Path;

use anyhow::Context as _;
use landfall_register::Register;

/// The validated objects of `folder`.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Register> {
    landfall_register::load(folder).with_context(|| format!("the register {} is not usable", folder.display()))
}

/// The validated objects of `folder` and of `file`, such as a development to simulate.
pub(crate) fn open_with(folder: &Path, file: &Path) -> anyhow::Result<Register> {
    let unusable = || format!("{} is not usable with the register {}", file.display(), folder.display());
    landfall_register::load_with(folder, &[file.to_owned()]).with_context(unusable)
}
