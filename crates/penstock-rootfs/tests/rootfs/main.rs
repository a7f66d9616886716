//! Roots from images that attack whoever unpacks them, and from ordinary ones.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod images;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod store;
