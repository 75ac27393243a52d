//! One run of curl on Windows, with its configs in files that are gone when it
//! has ended. What was answered is not looked at.

use std::ffi::OsString;
use std::io;

use oic_proto::message::TokenView;

use crate::curl::answer::Answer;
use crate::curl::plan::Plan;
use crate::failure::Failure;
use crate::private_file::PrivateFile;
use crate::program;
use crate::start::ExitCode;

/// Runs curl to its end.
///
/// # Errors
///
/// Why it could not be started.
pub fn become_curl(plan: &Plan, view: &TokenView) -> io::Result<ExitCode> {
    let configs = plan.configs(view);
    let files = configs.iter().map(|it| PrivateFile::create(it.expose()));
    let files = files.collect::<io::Result<Vec<_>>>()?;
    let paths = Vec::from_iter(files.iter().map(|file| OsString::from(file.path())));
    program::become_program(plan.command(&paths))
}

/// A run that has ended.
#[derive(Debug)]
pub struct Attempt {
    code: ExitCode,
    /// Nothing is known of it.
    pub answer: Answer,
    /// Everything was passed on.
    pub released: bool,
}

impl Attempt {
    /// Nothing was held back.
    ///
    /// # Errors
    ///
    /// None.
    pub fn end(self) -> Result<ExitCode, Failure> {
        Ok(self.code)
    }
}

/// Runs curl to its end.
///
/// # Errors
///
/// Why it could not be started.
pub fn make(plan: &Plan, view: &TokenView, _: bool) -> io::Result<Attempt> {
    Ok(Attempt {
        code: become_curl(plan, view)?,
        answer: Answer::default(),
        released: true,
    })
}
