//! `penstock check` as a stranger meets it: every test drives the real program.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod areas;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod baseline;
#[cfg(test)]
mod confined;
#[cfg(test)]
mod fixing;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod ignores;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod pins;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod redacted;
#[cfg(test)]
mod scope;
#[cfg(test)]
mod stdin;
#[cfg(test)]
mod uses;
