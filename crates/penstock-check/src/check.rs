use std::collections::BTreeSet;

use penstock_model::fact::Fact;

use crate::{File, FileInfo, Findings, Rule};

/// One detector. It is pure: the file in, findings out.
pub trait Check: Send + Sync {
    /// The rules it speaks for.
    fn rules(&self) -> &'static [&'static Rule];

    /// Whether it wants to see a file of this kind and place. [`File`] and its content come only
    /// when this says yes; a binary file is read on only when some check wants it.
    fn wants(&self, file: &FileInfo<'_>) -> bool;

    /// Whether it looks at what archives hold too. A check of files that mean something only where
    /// they lie says no: nobody runs a workflow out of a zip file.
    fn looks_into_archives(&self) -> bool {
        true
    }

    /// Looks at one file. Called once per file and per member of an archive, from any
    /// thread.
    fn file(&self, file: &File<'_>, findings: &mut Findings<'_>);

    /// Whether [`Check::project`] is to be called. What it says depends on files that did not
    /// change, so a change is then measured by whole trees.
    fn looks_at_project(&self) -> bool {
        false
    }

    /// Looks at what all files together say. Called once, after the last file, where
    /// [`Check::looks_at_project`] says so and the tree is not only a part of the project.
    fn project(&self, facts: &Facts, findings: &mut Findings<'_>) {
        let (_, _) = (facts, findings);
    }
}

/// What all checks said about all files: sorted, each fact once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(BTreeSet<Fact>);

impl Facts {
    /// The facts in order.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }
}

impl Extend<Fact> for Facts {
    fn extend<I: IntoIterator<Item = Fact>>(&mut self, facts: I) {
        self.0.extend(facts);
    }
}
