//! Every type of penstock.toml and of the policy, with their schemas and errors.
