//! Keeps secrets out of what a step prints and finds them in what it leaves behind, also when an
//! encoding or a split write hides them.

mod decoder;
mod forms;
#[cfg(test)]
mod recall;
mod view;

use std::{collections::BTreeSet, sync::Arc};

use penstock_model::Secret;

use decoder::Escape;
use view::{Automaton, Found, View};

/// What stands in place of a secret.
pub const MASK: &[u8] = b"***";

/// Shorter values are not looked for: they would be found everywhere and blot out innocent text. A
/// step must not be given one.
pub const MIN_SECRET_BYTES: usize = 4;

/// Longer values are not looked for: the automaton would grow too large. A step must not be given
/// one.
pub const MAX_SECRET_BYTES: usize = 16 << 10;

/// Every view of a stream that is searched, by the escapes it undoes; besides the plain one.
const VIEWS: &[&[Escape]] = &[
    &[Escape::Wrap],
    &[Escape::Percent],
    &[Escape::Percent, Escape::Percent],
    &[Escape::Percent, Escape::Wrap],
    &[Escape::Backslash],
    &[Escape::Backslash, Escape::Backslash],
    &[Escape::Backslash, Escape::Wrap],
    &[Escape::Entity],
    &[Escape::QuotedPrintable],
];

/// What is looked for: secrets as they are, in base64 (standard and URL alphabet, in all three
/// alignments), in hexadecimal, as lists of numbers, in UTF-16, backwards, and encoded twice; each
/// longer line of a secret that has several; and all of these wrapped over lines, percent-encoded,
/// escaped with backslashes (JSON, C, shells, Python), with character references (HTML, XML) or as
/// quoted-printable, wholly or in part.
///
/// Other transformations (compression, encryption, a byte per line) get through: this limits
/// accidents, it does not stop a step that wants to tell.
#[derive(Debug)]
pub struct Forms {
    /// `None` when they could not be built; then everything counts as found.
    automaton: Option<Automaton>,
    empty: bool,
}

impl Forms {
    /// The forms of these secrets. One shorter than [`MIN_SECRET_BYTES`] has none.
    pub fn new(secrets: &[Secret]) -> Arc<Self> {
        let forms = forms::forms(secrets);
        let automaton =
            Automaton::new(forms.iter().map(|(form, secret)| (form.as_slice(), *secret)));
        Arc::new(Self { automaton, empty: forms.is_empty() })
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.empty
    }
}

/// Looks for forms in one stream, whose pieces may be cut anywhere.
#[derive(Debug)]
pub struct Search {
    forms: Arc<Forms>,
    /// None where nothing is looked for.
    views: Vec<View>,
    seen: u64,
}

impl Search {
    /// A search of one stream.
    pub fn new(forms: Arc<Forms>) -> Self {
        let mut views = Vec::new();
        if let Some(automaton) = forms.automaton.as_ref().filter(|_| !forms.empty) {
            views.push(View::new(automaton, &[]));
            views.extend(VIEWS.iter().map(|escapes| View::new(automaton, escapes)));
        }
        Self { forms, views, seen: 0 }
    }

    /// Takes the next bytes; the index of a secret that is among those seen by now, if one is.
    pub fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut first = None;
        self.look(bytes, &mut |found| {
            first.get_or_insert(found.secret);
        });
        first
    }

    /// The end of the stream; the index of a secret that only the end completes.
    pub fn finish(&mut self) -> Option<usize> {
        let mut first = None;
        self.end(&mut |found| {
            first.get_or_insert(found.secret);
        });
        first
    }

    fn look(&mut self, bytes: &[u8], found: &mut dyn FnMut(Found)) {
        let start = self.seen;
        self.seen += bytes.len() as u64;
        let Some(automaton) = &self.forms.automaton else {
            return found(Found { start, end: self.seen, secret: 0 });
        };
        for view in &mut self.views {
            view.push(automaton, bytes, found);
        }
    }

    fn end(&mut self, found: &mut dyn FnMut(Found)) {
        let Some(automaton) = &self.forms.automaton else { return };
        for view in &mut self.views {
            view.finish(automaton, found);
        }
    }

    /// INVARIANT: nothing that later bytes complete starts before this position.
    fn decided(&self) -> u64 {
        let Some(automaton) = &self.forms.automaton else { return self.seen };
        self.views.iter().map(|view| view.decided(automaton)).fold(self.seen, u64::min)
    }
}

/// Masks the forms of secrets in one stream of bytes. One masker serves one stream, since it
/// remembers the end of the last write until it is known not to be the start of a secret.
#[derive(Debug)]
pub struct Masker {
    search: Search,
    held: Vec<u8>,
    /// Where the held bytes begin in the stream.
    base: u64,
    /// Where forms lie that are not all shown, by start; they may overlap.
    found: BTreeSet<(u64, u64)>,
    /// Up to where a mask that was already shown reaches.
    covered: u64,
}

impl Masker {
    /// A masker for these secrets.
    pub fn new(secrets: &[Secret]) -> Self {
        Self::of(Forms::new(secrets))
    }

    /// A masker for these forms.
    pub fn of(forms: Arc<Forms>) -> Self {
        let search = Search::new(forms);
        Self { search, held: Vec::new(), base: 0, found: BTreeSet::new(), covered: 0 }
    }

    /// Takes the next bytes of the stream and returns what may be shown by now. What could be the
    /// start of a secret is held back until the next call or [`Masker::finish`].
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        let found = &mut self.found;
        self.search.look(bytes, &mut |form| {
            found.insert((form.start, form.end));
        });
        let decided = self.search.decided();
        self.release(decided)
    }

    /// The end of the stream: what was held back, masked.
    pub fn finish(&mut self) -> Vec<u8> {
        let found = &mut self.found;
        self.search.end(&mut |form| {
            found.insert((form.start, form.end));
        });
        self.release(self.base + self.held.len() as u64)
    }

    /// Shows what is held before `decided`, with every byte under any form masked, and drops it.
    fn release(&mut self, decided: u64) -> Vec<u8> {
        let mut shown = Vec::new();
        let mut done = self.covered.max(self.base);
        while let Some(&(start, end)) = self.found.first().filter(|(start, _)| *start < decided) {
            self.found.pop_first();
            // Overlapping forms are one mask, also with one begun in an earlier call.
            if start >= done {
                shown.extend_from_slice(self.held_between(done, start));
                shown.extend_from_slice(MASK);
            }
            done = done.max(end);
        }
        self.covered = done;
        shown.extend_from_slice(self.held_between(done, decided));
        let gone = usize::try_from(decided.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.held.drain(..gone.min(self.held.len()));
        self.base = self.base.max(decided);
        shown
    }

    fn held_between(&self, start: u64, end: u64) -> &[u8] {
        let at = |position: u64| usize::try_from(position.saturating_sub(self.base)).ok();
        let range = at(start).zip(at(end)).and_then(|(start, end)| self.held.get(start..end));
        range.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::{forms::percent_encoded, *};

    fn secret() -> Vec<u8> {
        // Made here, so that no scanner finds a secret in this file.
        [&b"tok_"[..], &[b'Q'; 3], b"/+\"x y\\", &[b'7'; 9]].concat()
    }

    fn masked(secrets: &[Vec<u8>], text: &[u8], chunk: usize) -> Vec<u8> {
        let secrets: Vec<Secret> = secrets.iter().cloned().map(Secret::new).collect();
        let mut masker = Masker::new(&secrets);
        let mut shown = Vec::new();
        for part in text.chunks(chunk) {
            shown.extend(masker.push(part));
        }
        shown.extend(masker.finish());
        shown
    }

    #[test]
    fn every_form_is_masked_however_the_writes_are_split() {
        let secret = secret();
        let standard = &base64::engine::general_purpose::STANDARD;
        let mut forms = vec![
            secret.clone(),
            hex::encode(&secret).into_bytes(),
            hex::encode_upper(&secret).into_bytes(),
            percent_encoded(&secret, false),
            String::from_utf8(percent_encoded(&secret, true)).unwrap().replace("%2F", "%2f").into(),
            serde_json::to_vec(std::str::from_utf8(&secret).unwrap()).unwrap(),
        ];
        for before in ["", "u", "us", "use", "user:"] {
            let whole = [before.as_bytes(), &secret, b"@tail"].concat();
            forms.push(standard.encode(&whole).into_bytes());
            forms.push(base64::engine::general_purpose::URL_SAFE.encode(&whole).into_bytes());
        }
        for form in forms {
            let text = [b"before ", &form[..], b" after"].concat();
            for chunk in [1, 2, 3, 7, text.len()] {
                let shown = masked(std::slice::from_ref(&secret), &text, chunk);
                let window = 10;
                assert!(shown.windows(MASK.len()).any(|w| w == MASK), "{shown:?}");
                assert!(shown.starts_with(b"before ") && shown.ends_with(b" after"));
                // Nothing of the form's middle is left.
                let middle = &form[form.len() / 2 - window / 2..form.len() / 2 + window / 2];
                assert!(!shown.windows(window).any(|w| w == middle), "{shown:?}");
            }
        }
    }

    #[test]
    fn innocent_text_passes_byte_for_byte() {
        let text = b"compiling tok_ QQQ tok_QQ 777\xff\x00 done";
        for chunk in [1, 5, text.len()] {
            assert_eq!(masked(&[secret()], text, chunk), text);
        }
        assert_eq!(masked(&[], text, 3), text);
    }

    #[test]
    fn overlapping_secrets_leave_no_tail() {
        let secrets = [b"abcdef".to_vec(), b"defghi".to_vec()];
        for chunk in 1..9 {
            assert_eq!(masked(&secrets, b"<abcdefghi>", chunk), b"<***>", "{chunk}");
            assert_eq!(masked(&secrets, b"<abcdefabcdef>", chunk), b"<******>", "{chunk}");
        }
    }

    #[test]
    fn a_secret_that_starts_another_is_masked_alone() {
        let secrets = [b"abcd".to_vec(), b"abcdefgh".to_vec()];
        for chunk in 1..9 {
            assert_eq!(masked(&secrets, b"abcdef abcdefgh abcd", chunk), b"***ef *** ***");
        }
    }

    #[test]
    fn each_long_line_of_a_key_is_masked() {
        let key = b"-----BEGIN-----\nMIIabcdefgh\nshort\n-----END-----".to_vec();
        assert_eq!(masked(&[key], b"x MIIabcdefgh short", 4), b"x *** short");
    }

    /// The largest value there may be: in time and memory, and found whole, in base64 and by line.
    #[test]
    fn a_large_key_is_looked_for() {
        let lines: Vec<String> = (0..MAX_SECRET_BYTES / 65)
            .map(|i| format!("{:0>64}", hex::encode(i.to_be_bytes())))
            .collect();
        let key = lines.join("\n");
        let forms = Forms::new(&[Secret::new(key.clone())]);
        let whole = base64::engine::general_purpose::STANDARD.encode(&key);
        for text in [&key, &whole, &lines[77], &key.replace('\n', "\\n")] {
            let mut masker = Masker::of(Arc::clone(&forms));
            let mut shown = masker.push(format!("<{text}>").as_bytes());
            shown.extend(masker.finish());
            let tail = text.len() - 40;
            assert!(shown.len() < 2000 && !String::from_utf8_lossy(&shown).contains(&text[tail..]));
        }
    }

    #[test]
    fn what_is_too_short_is_not_looked_for() {
        assert!(Forms::new(&[Secret::new(*b"abc"), Secret::new(*b"")]).is_empty());
        assert_eq!(masked(&[b"abc".to_vec()], b"abc", 1), b"abc");
    }

    #[test]
    fn a_search_says_which_secret_it_found_however_it_is_cut() {
        let forms = Forms::new(&[Secret::new(*b"first-value"), Secret::new(*b"second-value")]);
        let text = b"junk %73econd%2Dvalue junk";
        for chunk in 1..text.len() {
            let mut search = Search::new(Arc::clone(&forms));
            let hits: Vec<usize> = text.chunks(chunk).filter_map(|c| search.push(c)).collect();
            assert_eq!((hits.as_slice(), search.finish()), (&[1][..], None), "{chunk}");
        }
        // Only the end shows that the escape is none.
        let mut search = Search::new(Forms::new(&[Secret::new(*b"abcd%4")]));
        assert_eq!((search.push(b"%61bcd%4"), search.finish()), (None, Some(0)));
    }

    /// What is between the blocks is searched too, and what lies far from any escape.
    #[test]
    fn forms_are_found_at_the_edges_of_blocks() {
        let forms = Forms::new(&[Secret::new(*b"correct-horse")]);
        for at in (4000..4200).chain(8100..8200) {
            for form in ["correct-horse", "c%6Frrect-hors%65", r"c\u006frrect-horse"] {
                let text = ["x".repeat(at).as_str(), form, &"y".repeat(6000)].concat();
                let mut masker = Masker::of(Arc::clone(&forms));
                let mut shown = masker.push(text.as_bytes());
                shown.extend(masker.finish());
                let expected = ["x".repeat(at).as_str(), "***", &"y".repeat(6000)].concat();
                assert!(shown == expected.as_bytes(), "{form} at {at}");
            }
        }
    }

    #[test]
    fn text_is_not_held_longer_than_it_could_be_a_secret() {
        let mut masker = Masker::new(&[Secret::new(secret())]);
        assert_eq!(masker.push(b"line\n"), b"line\n");
        // White space after what looks encoded is held only where a form has begun before it.
        assert_eq!(masker.push(b"--------------------\n"), b"--------------------\n");
        assert_eq!(masker.push(b"tok_"), b"");
        assert_eq!(masker.push(b"!"), b"tok_!");
    }
}
