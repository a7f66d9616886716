//! Untrusted bytes: every limit is a typed error with its place, and nothing panics or hangs.
#![expect(clippy::panic, reason = "helpers of tests")]

use penstock_document::{Document, DocumentError, Format, Limits};

const ALL: [Format; 4] = [Format::Toml, Format::Yaml, Format::Json, Format::Hcl];

fn error(format: Format, bytes: impl AsRef<[u8]>) -> DocumentError {
    error_within(format, bytes, &Limits::default())
}

fn error_within(format: Format, bytes: impl AsRef<[u8]>, limits: &Limits) -> DocumentError {
    match Document::parse(format, bytes, limits) {
        Ok(document) => panic!("no error in {:?}", document.root()),
        Err(error) => error,
    }
}

#[test]
fn bytes_that_are_not_utf8_are_named() {
    for format in ALL {
        let error = error(format, b"a: \xff");
        assert_eq!(error, DocumentError::NotUtf8 { offset: 3 });
        assert_eq!(error.to_string(), "not UTF-8 at byte 3; save the file as UTF-8");
        assert_eq!(error.region(), None);
        // UTF-16 begins with bytes that UTF-8 does not have.
        assert!(Document::parse(format, b"\xff\xfea\0", &Limits::default()).is_err());
    }
}

#[test]
fn the_size_is_limited() {
    let limits = Limits { bytes: 10, ..Limits::default() };
    for format in ALL {
        let error = error_within(format, " ".repeat(11), &limits);
        assert_eq!(error, DocumentError::TooLarge { limit: 10, size: 11 });
        assert_eq!(error.to_string(), "11 bytes, more than the limit of 10");
        assert!(error.is_limit());
    }
}

#[test]
fn the_depth_is_limited() {
    let deep = |open: &str, close: &str| open.repeat(100_000) + "1" + &close.repeat(100_000);
    for (format, text) in [
        (Format::Json, deep("[", "]")),
        (Format::Json, deep("{\"a\":", "}")),
        (Format::Yaml, deep("[", "]")),
        (Format::Yaml, deep("{a: ", "}")),
        (Format::Yaml, deep("- ", "")),
        (Format::Yaml, (0..5000).map(|i| " ".repeat(i) + "a:\n").collect()),
        (Format::Toml, format!("a = {}", deep("[", "]"))),
        (Format::Toml, format!("a = {}", deep("{a = ", "}"))),
        (Format::Hcl, format!("a = {}", deep("[", "]"))),
        (Format::Hcl, format!("a = {}", deep("{ a = ", "}"))),
        (Format::Hcl, format!("a = {}", deep("(", ")"))),
        (Format::Hcl, format!("a = {}", deep("f(", ")"))),
        (Format::Hcl, format!("a = \"{}\"", deep("${\"", "\"}"))),
        (Format::Hcl, format!("a = {}1", "1 + ".repeat(100_000))),
        (Format::Hcl, "a {\n".repeat(100_000) + &"}\n".repeat(100_000)),
        (Format::Hcl, format!("a {} {{}}\n", "\"b\" ".repeat(100_000))),
        (Format::Toml, "a.".repeat(100_000) + "a = 1"),
        (Format::Toml, format!("[{}a]", "a.".repeat(100_000))),
    ] {
        for depth in [20, 128, 100_000] {
            let limits = Limits { depth, bytes: 64 << 20, ..Limits::default() };
            let error = error_within(format, &text, &limits);
            assert!(matches!(error, DocumentError::TooDeep { .. }), "{format} {depth}: {error}");
            assert_eq!(error.region().map(|region| region.start_line > 0), Some(true));
        }
        // Unclosed, it is the same.
        let cut: String = text.chars().take(100_000).collect();
        assert!(Document::parse(format, cut, &Limits::default()).is_err());
    }
}

#[test]
fn what_is_just_deep_enough_is_read() {
    let limits = Limits { depth: 20, ..Limits::default() };
    for (format, text) in [
        (Format::Json, "[".repeat(20) + &"]".repeat(20)),
        (Format::Yaml, "[".repeat(20) + &"]".repeat(20)),
        (Format::Toml, format!("a = {}{}", "[".repeat(19), "]".repeat(19))),
        (Format::Hcl, format!("a = {}{}", "[".repeat(19), "]".repeat(19))),
    ] {
        assert!(Document::parse(format, &text, &limits).is_ok(), "{format}");
        let limits = Limits { depth: 19, ..limits };
        let error = error_within(format, &text, &limits);
        assert!(matches!(error, DocumentError::TooDeep { limit: 19, .. }), "{format}: {error:?}");
        assert_eq!(error.to_string(), "nested deeper than 19 levels");
    }
}

#[test]
fn the_number_of_nodes_is_limited() {
    let limits = Limits { nodes: 10, ..Limits::default() };
    for (format, text) in [
        (Format::Json, "[1,2,3,4,5,6,7,8,9,0]"),
        (Format::Yaml, "[1,2,3,4,5,6,7,8,9,0]"),
        (Format::Toml, "a = [1,2,3,4,5,6,7,8,9,0]"),
        (Format::Hcl, "a = [1,2,3,4,5,6,7,8,9,0]"),
    ] {
        let error = error_within(format, text, &limits);
        assert!(matches!(error, DocumentError::TooManyNodes { limit: 10, .. }), "{error:?}");
        assert_eq!(error.to_string(), "more than 10 values once aliases are expanded");
    }
}

#[test]
fn an_alias_bomb_is_defused() {
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for i in 1..30 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(",");
        text += &format!("a{i}: &a{i} [{aliases}]\n");
    }
    let error = error(Format::Yaml, &text);
    let limit = Limits::default().nodes;
    assert!(matches!(error, DocumentError::TooManyNodes { limit: l, .. } if l == limit));
}

#[test]
fn aliases_of_long_text_are_limited_by_their_bytes() {
    let text = format!("a: &a \"{}\"\nb: [{}]\n", "x\\n".repeat(100_000), "*a,".repeat(1000));
    let error = error(Format::Yaml, text);
    assert!(matches!(error, DocumentError::TooMuchAliased { .. }), "{error:?}");
    assert_eq!(error.to_string(), "aliases repeat more than 16777216 bytes");
    assert_eq!(error.region().map(|region| region.start_line), Some(2));
}

#[test]
fn aliases_cannot_deepen_a_document_beyond_its_limit() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for i in 1..2000 {
        text += &format!("a{i}: &a{i} [*a{}]\n", i - 1);
    }
    let error = error(Format::Yaml, text);
    assert!(matches!(error, DocumentError::TooDeep { limit: 128, .. }), "{error:?}");
}

#[test]
fn an_alias_to_what_is_around_it_or_nowhere_is_an_error() {
    let around = error(Format::Yaml, "a: &a [1, *a]\n");
    assert_eq!(around.to_string(), "an alias stands inside the collection it refers to");
    assert_eq!(around.region().map(|region| region.start_column), Some(11));
    let nowhere = error(Format::Yaml, "a: *b\n");
    assert!(matches!(nowhere, DocumentError::Syntax { format: Format::Yaml, .. }), "{nowhere:?}");
    // Anchors end with their document.
    assert!(Document::parse(Format::Yaml, "a: &a 1\n---\nb: *a\n", &Limits::default()).is_err());
}

#[test]
fn broken_text_is_an_error_at_its_place() {
    for (format, text, line) in [
        (Format::Toml, "a = 1\nb = = 2\n", 2),
        (Format::Toml, "a = 1\na = 2\n", 2),
        (Format::Toml, "a = \"\0\"\n", 1),
        (Format::Yaml, "a: 1\n b: 2\n", 2),
        (Format::Yaml, "a: \"open\n", 1),
        (Format::Yaml, "a: [1\n", 1),
        (Format::Json, "{\n\"a\": }\n", 2),
        (Format::Json, "{\"a\": 1}\n{}", 2),
        (Format::Json, "{'a': 1}", 1),
        (Format::Json, "{\"a\": 1 \"b\": 2}", 1),
        (Format::Json, "{a: 1}", 1),
        (Format::Json, "[0x1F]", 1),
        (Format::Json, "{\n\"a\": \"x\ny\"}", 2),
        (Format::Json, "{\"a\tb\": 1}", 1),
        (Format::Json, "[1", 1),
    ] {
        let error = error(format, text);
        assert!(
            matches!(&error, DocumentError::Syntax { format: f, .. } if *f == format),
            "{text}: {error:?}"
        );
        assert_eq!(error.region().map(|r| r.start_line), Some(line), "{text}: {error}");
        let message = error.to_string();
        assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
    }
}

#[test]
fn long_files_take_time_in_their_length() {
    let comments = "# licence\n".repeat(50_000);
    let text = format!("{comments}a: 1\n{comments}");
    let document = Document::parse(Format::Yaml, text, &Limits::default()).ok();
    assert_eq!(document.map(|d| d.comments().len()), Some(100_000));
    let keys: String = (0..50_000).map(|i| format!("k{i}: v\n")).collect();
    assert!(Document::parse(Format::Yaml, keys, &Limits::default()).is_ok());
    let items = format!("[{}1]", "1,".repeat(400_000));
    assert!(Document::parse(Format::Json, items, &Limits::default()).is_ok());
    let tables: String = (0..20_000).map(|i| format!("[t{i}.x]\na = 1 # c\n")).collect();
    let document = Document::parse(Format::Toml, tables, &Limits::default()).ok();
    assert_eq!(document.map(|d| d.comments().len()), Some(20_000));
}

/// Stack depth is a matter of threads as well: a small one must do.
#[test]
fn a_small_stack_is_enough() {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(|| {
        for (format, open) in [
            (Format::Json, "["),
            (Format::Json, "{\"a\":"),
            (Format::Yaml, "["),
            (Format::Toml, "a=["),
        ] {
            let text = open.repeat(250) + &"]".repeat(250);
            let limits = Limits { depth: 100_000, ..Limits::default() };
            drop(Document::parse(format, text, &limits));
        }
    });
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}
