//! The check engine: walk, classify, parse once, suppress, rank, report; knows no area.
