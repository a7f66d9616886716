//! The whole road, attacked: every test drives the real program over a real repository.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod own_gate;
#[cfg(test)]
mod people;
#[cfg(test)]
mod places;
#[cfg(test)]
mod release;
#[cfg(test)]
mod root;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod twice;
