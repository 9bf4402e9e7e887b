//! Members, shared state and claims of swarms.
