//! Opens the register that a command is about.

use std::path::Path;

use anyhow::Context as _;
use landfall_register::Register;

/// The objects of `folder`, checked.
pub(crate) fn open(folder: &Path) -> anyhow::Result<Register> {
    landfall_register::load(folder).with_context(|| format!("the register {} is not usable", folder.display()))
}

/// The same with `file` on top, such as a development that is tried out.
pub(crate) fn open_with(folder: &Path, file: &Path) -> anyhow::Result<Register> {
    let unusable = || format!("{} is not usable with the register {}", file.display(), folder.display());
    landfall_register::load_with(folder, &[file.to_owned()]).with_context(unusable)
}
