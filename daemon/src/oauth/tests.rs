//! What servers say, and what is made of it.

mod corpus;
mod device;
mod errors;
mod forms;
mod grants;
mod said;
