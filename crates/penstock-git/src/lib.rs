//! Commits, trees and blobs of a Git repository, read in process.
