//! in-toto statements, predicates and DSSE; pure.
