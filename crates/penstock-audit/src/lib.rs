//! What the evidence in the ledger says about the thirteen control areas.
//!
//! An audit is computed from verified statements by one table, [`CRITERIA`], and says three things
//! with equal weight: what is supported, what is contradicted and what is not evidenced. It never
//! says that anybody complies with anything: that is an assessor's opinion.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod audit;
mod break_glass;
mod criteria;
mod framework;
mod human;
mod input;
mod maturity;
mod population;
mod schema;
mod scope;

pub use audit::{AreaResult, Audit, CriterionResult, ExceptionItem, Status, audit};
pub use break_glass::{BreakGlassItem, Review};
pub use criteria::{CRITERIA, Criterion};
pub use framework::{ClauseResult, Crosswalk, FrameworkError, FrameworkReport, Support};
pub use human::human;
pub use input::{AuditInput, LogStatus, Period, PeriodError};
pub use maturity::{AreaMaturity, Maturity};
pub use population::Population;
pub use schema::schemas;
