//! Against an authorization server that nobody here wrote.
