//! Control areas, maturity criteria and what the evidence supports.
