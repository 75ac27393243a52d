//! What servers say, and what is made of it.

mod device;
mod errors;
mod forms;
mod grants;
mod said;
