//! `penstock check` as a stranger meets it: every test drives the real program.

#[cfg(test)]
mod areas;
#[cfg(test)]
mod confined;
#[cfg(test)]
mod fixing;
#[cfg(test)]
mod scope;
#[cfg(test)]
mod stdin;
