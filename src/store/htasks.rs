//! Hierarchical tasks: their private rows and their way to the domain.
