//! A stream as somebody sees it who undoes one way of escaping, and the forms that are in it.

use std::collections::{HashMap, VecDeque};

use aho_corasick::{
    Anchored, MatchKind,
    automaton::{Automaton as _, StateID},
    nfa::contiguous::NFA,
};

use super::decoder::{Decoder, Escape, Unit};

/// Views look at so many bytes at once; a piece without the escape they undo costs them little.
const BLOCK_BYTES: usize = 4096;
/// Wrapped text is looked at for forms from this length on: with white space taken out, ordinary
/// words would become shorter ones.
const MIN_WRAPPED_BYTES: usize = 8;

/// An automaton over some of the forms.
#[derive(Debug)]
pub(super) struct Automaton {
    nfa: NFA,
    start: StateID,
    /// How much of a form has been read in a state: the longest that ends there.
    depths: HashMap<StateID, usize>,
    longest: usize,
    /// The secret each form is of.
    secrets: Vec<usize>,
}

/// A form that was found: from where to where, and of which secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) secret: usize,
}

impl Automaton {
    /// `None` when the forms are more than an automaton can hold.
    pub(super) fn new<'a>(forms: impl Iterator<Item = (&'a [u8], usize)>) -> Option<Self> {
        let (forms, secrets): (Vec<&[u8]>, Vec<usize>) = forms.unzip();
        let nfa = NFA::builder().match_kind(MatchKind::Standard).prefilter(false).build(&forms);
        let nfa = nfa.ok()?;
        let start = nfa.start_state(Anchored::No).ok()?;
        // Read along a form, the automaton is in the state of exactly what was read.
        let mut depths = HashMap::from([(start, 0)]);
        for form in &forms {
            let mut state = start;
            for (read, byte) in (1..).zip(*form) {
                state = nfa.next_state(Anchored::No, state, *byte);
                depths.insert(state, read);
            }
        }
        let longest = forms.iter().map(|form| form.len()).max().unwrap_or(0);
        Some(Self { nfa, start, depths, longest, secrets })
    }

    fn depth(&self, state: StateID) -> usize {
        self.depths.get(&state).copied().unwrap_or(self.longest)
    }
}

/// One view of one stream.
#[derive(Debug)]
pub(super) struct View {
    decoders: Vec<Decoder>,
    first: Option<Escape>,
    /// Shorter forms do not count here.
    least: usize,
    state: StateID,
    /// How many bytes of the stream went in.
    seen: u64,
    /// Where the last units began, as many as a form is long; none are kept where nothing is
    /// decoded, since positions are then plain.
    starts: VecDeque<u64>,
    decoded: Vec<Unit>,
}

impl View {
    /// A view that undoes `escapes` one after the other.
    pub(super) fn new(automaton: &Automaton, escapes: &[Escape]) -> Self {
        Self {
            decoders: escapes.iter().map(|escape| Decoder::new(*escape)).collect(),
            first: escapes.first().copied(),
            least: if escapes.contains(&Escape::Wrap) { MIN_WRAPPED_BYTES } else { 0 },
            state: automaton.start,
            seen: 0,
            starts: VecDeque::new(),
            decoded: Vec::new(),
        }
    }

    /// Takes the next bytes.
    pub(super) fn push(
        &mut self,
        automaton: &Automaton,
        bytes: &[u8],
        found: &mut dyn FnMut(Found),
    ) {
        let Some(first) = self.first else { return self.plain(automaton, bytes, found) };
        let longest = automaton.longest;
        for block in bytes.chunks(BLOCK_BYTES) {
            // Nothing to undo in the middle of the block: what is there is there for the plain view
            // as well. Only forms that reach into the blocks beside it are of interest.
            let (head, tail) = match block.len().checked_sub(longest) {
                Some(tail) if tail > longest && first.is_absent(block) => (longest, tail),
                _ => (block.len(), block.len()),
            };
            self.decode(automaton, block.get(..head).unwrap_or_default(), found);
            if tail > head {
                self.state = automaton.start;
                self.starts.clear();
                self.seen += (tail - head) as u64;
                self.decode(automaton, block.get(tail..).unwrap_or_default(), found);
            }
        }
    }

    /// The end of the stream: escapes that are not finished are what they look like.
    pub(super) fn finish(&mut self, automaton: &Automaton, found: &mut dyn FnMut(Found)) {
        for at in 0..self.decoders.len() {
            let mut rest = Vec::new();
            if let Some(decoder) = self.decoders.get_mut(at) {
                decoder.finish(&mut rest);
            }
            self.through(at + 1, rest);
            self.search(automaton, found);
        }
    }

    /// INVARIANT: no form that later bytes complete starts before this position. The state of the
    /// automaton is the longest end of what was read that some form begins with, and what a decoder
    /// holds comes after that.
    pub(super) fn decided(&self, automaton: &Automaton) -> u64 {
        let depth = automaton.depth(self.state);
        let begun = match self.decoders.is_empty() {
            true => self.seen.saturating_sub(depth as u64),
            false if depth == 0 => self.seen,
            false => {
                let at = self.starts.len().checked_sub(depth);
                at.and_then(|at| self.starts.get(at).copied()).unwrap_or(0)
            }
        };
        let held = self.decoders.iter().filter_map(|decoder| decoder.held_from(depth > 0));
        held.fold(begun, u64::min)
    }

    fn plain(&mut self, automaton: &Automaton, bytes: &[u8], found: &mut dyn FnMut(Found)) {
        for byte in bytes {
            self.seen += 1;
            self.state = automaton.nfa.next_state(Anchored::No, self.state, *byte);
            if automaton.nfa.is_match(self.state) {
                let end = self.seen;
                self.matches(automaton, |length| (end.saturating_sub(length as u64), end), found);
            }
        }
    }

    fn decode(&mut self, automaton: &Automaton, bytes: &[u8], found: &mut dyn FnMut(Found)) {
        let units = (self.seen..)
            .zip(bytes)
            .map(|(start, byte)| Unit { byte: *byte, start, end: start + 1 })
            .collect();
        self.seen += bytes.len() as u64;
        self.through(0, units);
        self.search(automaton, found);
    }

    /// Leads units through the decoders from the given one on.
    fn through(&mut self, from: usize, mut units: Vec<Unit>) {
        for decoder in self.decoders.iter_mut().skip(from) {
            let mut out = Vec::with_capacity(units.len());
            for unit in units {
                decoder.push(unit, &mut out);
            }
            units = out;
        }
        self.decoded = units;
    }

    fn search(&mut self, automaton: &Automaton, found: &mut dyn FnMut(Found)) {
        for unit in std::mem::take(&mut self.decoded) {
            if self.starts.len() >= automaton.longest {
                self.starts.pop_front();
            }
            self.starts.push_back(unit.start);
            self.state = automaton.nfa.next_state(Anchored::No, self.state, unit.byte);
            if automaton.nfa.is_match(self.state) {
                let starts = &self.starts;
                let start = |length| {
                    let at = starts.len().checked_sub(length);
                    at.and_then(|at| starts.get(at).copied()).unwrap_or(0)
                };
                self.matches(automaton, |length| (start(length), unit.end), found);
            }
        }
    }

    /// Tells every form that ends in the present state.
    fn matches(
        &self,
        automaton: &Automaton,
        place: impl Fn(usize) -> (u64, u64),
        found: &mut dyn FnMut(Found),
    ) {
        for index in 0..automaton.nfa.match_len(self.state) {
            let form = automaton.nfa.match_pattern(self.state, index);
            let length = automaton.nfa.pattern_len(form);
            if length < self.least {
                continue;
            }
            let (start, end) = place(length);
            let secret = automaton.secrets.get(form.as_usize()).copied().unwrap_or_default();
            found(Found { start, end, secret });
        }
    }
}
