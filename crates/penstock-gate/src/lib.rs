//! Gate rules and the pure decide(Input, Policy) -> Decision.
