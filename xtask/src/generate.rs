//! Files made from others: each area's table of rules, the index of rules, the schemas, and the table
//! of the escape kit within its page.
//!
//! What a rule's file looks like is in `crates/penstock-check/RULES.md`.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use penstock_check::{
    format,
    rule_file::{FrontMatter, PartMatter, RuleFile},
};

use crate::{escape_kit, task};

/// Writes every generated file, or only tells which of them are stale.
pub(crate) fn run(check_only: bool) -> Result<()> {
    run_in(&task::root(), check_only)
}

fn run_in(root: &Path, check_only: bool) -> Result<()> {
    let mut stale = Vec::new();
    for (path, content) in generated(root)? {
        let full = root.join(&path);
        let current = match fs::read(&full) {
            Ok(current) => Some(current),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        if current.as_deref() == Some(content.as_bytes()) {
            continue;
        }
        if check_only {
            stale.push(path.display().to_string());
            continue;
        }
        if let Some(directory) = full.parent() {
            fs::create_dir_all(directory)
                .with_context(|| format!("cannot make {}", directory.display()))?;
        }
        fs::write(&full, content).with_context(|| format!("cannot write {}", path.display()))?;
        task::say(&format!("wrote {}\n", path.display()));
    }
    if !stale.is_empty() {
        bail!("stale: {}; run `cargo xtask generate` and commit the result", stale.join(", "));
    }
    Ok(())
}

/// Every generated file: its path from the repository's top directory, and what belongs in it.
fn generated(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let areas = read_areas(root)?;
    let mut files = vec![(PathBuf::from("docs/rules.md"), index(&areas)?)];
    for (area, rules) in &areas {
        let path = PathBuf::from(format!("crates/penstock-{area}/src/generated.rs"));
        files.push((path, rustfmt(root, &table(rules)?)?));
    }
    files.push((PathBuf::from("schemas/report.v1.json"), format::json::schema()?));
    for (name, schema) in penstock_config::schemas() {
        files.push((Path::new("schemas").join(name), schema));
    }
    for (name, schema) in penstock_statement::schemas() {
        files.push((Path::new("schemas/predicates").join(name), schema));
    }
    let page = root.join(escape_kit::PAGE);
    // A test's repository has none.
    if page.exists() {
        let current = fs::read_to_string(&page)
            .with_context(|| format!("cannot read {}", escape_kit::PAGE))?;
        files.push((PathBuf::from(escape_kit::PAGE), escape_kit::page(&current)?));
    }
    Ok(files)
}

/// One rule as it lies on the disk.
struct Source {
    /// The file's name without its extension: `unpinned-action`.
    name: String,
    front: FrontMatter,
    /// Whether a Rust file of the same name lies beside it.
    has_logic: bool,
}

impl Source {
    /// `unpinned_action`
    fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    /// `UNPINNED_ACTION`
    fn constant(&self) -> String {
        self.module().to_uppercase()
    }
}

/// Reads `crates/*/rules/*.md`, sorted by area and name.
fn read_areas(root: &Path) -> Result<BTreeMap<String, Vec<Source>>> {
    let mut areas = BTreeMap::new();
    for area in penstock_model::Area::ALL {
        let directory = format!("crates/penstock-{}/rules", area.name());
        let Some(names) = rule_names(root, &directory)? else { continue };
        let mut rules = Vec::new();
        for (name, has_logic) in names {
            let path = format!("{directory}/{name}.md");
            let markdown = fs::read_to_string(root.join(&path))
                .with_context(|| format!("cannot read {path}"))?;
            let file = RuleFile::parse(&markdown)
                .map_err(|error| anyhow::anyhow!("{path}:{}: {}", error.line, error.fault))?;
            if file.front.id.as_str() != format!("{}/{name}", area.name()) {
                bail!("{path}:2: the id is `{}`, which is not the file's place", file.front.id);
            }
            rules.push(Source { name, front: file.front, has_logic });
        }
        if !rules.is_empty() {
            areas.insert(area.name().to_owned(), rules);
        }
    }
    Ok(areas)
}

/// The rules of a folder by name and whether they have logic; nothing where there is no folder.
fn rule_names(root: &Path, directory: &str) -> Result<Option<BTreeMap<String, bool>>> {
    let folder = root.join(directory);
    if !folder.exists() {
        return Ok(None);
    }
    let (mut pages, mut logic) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {directory}"))? {
        let path = entry.with_context(|| format!("cannot list {directory}"))?.path();
        let Some(name) = path.file_stem().and_then(OsStr::to_str) else { continue };
        match path.extension().and_then(OsStr::to_str) {
            Some("md") => pages.push(name.to_owned()),
            Some("rs") => logic.push(name.to_owned()),
            _ => {}
        }
    }
    if let Some(orphan) = logic.iter().find(|name| !pages.contains(name)) {
        bail!("{directory}/{orphan}.rs has no {orphan}.md beside it");
    }
    let has_logic = |name: String| {
        let has = logic.contains(&name);
        (name, has)
    };
    Ok(Some(pages.into_iter().map(has_logic).collect()))
}

/// The Rust source of one area's table.
fn table(rules: &[Source]) -> Result<String> {
    let mut out = String::from(
        "//! Every rule of this area. Written by `cargo xtask generate` from the files in `rules/`;\n\
         //! edit those.\n\n\
         use penstock_check::Rule;\n\
         use penstock_model::{Area, Audience, Confidence, Severity};\n\n",
    );
    for rule in rules.iter().filter(|rule| rule.has_logic) {
        writeln!(
            out,
            "#[path = \"../rules/{}.rs\"]\npub(crate) mod {};",
            rule.name,
            rule.module()
        )?;
    }
    for rule in rules {
        let front = &rule.front;
        write!(
            out,
            "\n/// {title}.\npub(crate) const {constant}: &Rule = &Rule {{ id: {id:?}, title: {title:?}, \
             severity: Severity::{severity:?}, confidence: Confidence::{confidence:?}, \
             audience: Audience::{audience:?}, area: Area::{area:?}, cwe: &{cwe:?}, \
             controls: &{controls:?}, control_areas: &{control_areas:?}, threats: &{threats:?}, \
             aliases: &{aliases:?}, since: {since:?}, keywords: &{keywords:?}, \
             pattern: {pattern:?}, entropy: {entropy:?}, shapes: &{shapes:?}, near: &{near:?}, \
             parts: &[{parts}], markdown: include_str!(\"../rules/{name}.md\") }};\n",
            title = front.title,
            constant = rule.constant(),
            id = front.id.as_str(),
            severity = front.severity,
            confidence = front.confidence,
            audience = front.audience,
            area = front.area,
            cwe = front.cwe,
            controls = front.controls,
            control_areas = front.control_areas,
            threats = front.threats,
            aliases = front.aliases,
            since = front.since,
            keywords = front.keywords,
            pattern = front.pattern,
            entropy = front.entropy,
            shapes = front.shapes,
            near = front.near,
            parts = parts(&front.parts),
            name = rule.name,
        )?;
    }
    let constants: Vec<String> = rules.iter().map(Source::constant).collect();
    writeln!(
        out,
        "\n/// Every rule of this area, sorted by id.\npub static RULES: &[&Rule] = &[{}];",
        constants.join(", ")
    )?;
    if rules.iter().any(|rule| rule.has_logic) {
        out.push_str(
            "\n/// The rules that need logic, and theirs.\n\
             pub(crate) const DETECTORS: &[(&Rule, crate::Detector)] = &[",
        );
        for rule in rules.iter().filter(|rule| rule.has_logic) {
            write!(out, "({}, {}::DETECTOR),", rule.constant(), rule.module())?;
        }
        out.push_str("];\n");
    }
    out.push_str(
        "\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n\
         fn run(rule: &'static Rule) {\n\
         if let Err(error) = penstock_check::rule_test::run(rule, crate::checks()) {\n\
         panic!(\"{error}\");\n}\n}\n",
    );
    for rule in rules {
        let (module, constant) = (rule.module(), rule.constant());
        write!(out, "\n#[test]\nfn {module}() {{ run({constant}); }}\n")?;
    }
    out.push_str("}\n");
    Ok(out)
}

/// The other parts of a rule's credentials, as Rust.
fn parts(parts: &[PartMatter]) -> String {
    let part = |PartMatter { name, keys, shape }: &PartMatter| {
        format!("penstock_check::Part {{ name: {name:?}, keys: &{keys:?}, shape: {shape:?} }}")
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

/// The source as `cargo fmt` leaves it, so that the two never fight.
fn rustfmt(root: &Path, source: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start `rustfmt`; install it with `rustup component add rustfmt`")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(source.as_bytes()).context("cannot write to `rustfmt`")?;
    }
    let output = child.wait_with_output().context("cannot read from `rustfmt`")?;
    if !output.status.success() {
        bail!("`rustfmt` does not accept a generated table: {}", output.status);
    }
    String::from_utf8(output.stdout).context("`rustfmt` gave no text")
}

/// `docs/rules.md`: every rule on one line.
fn index(areas: &BTreeMap<String, Vec<Source>>) -> Result<String> {
    let mut out = String::from(
        "<!-- Written by `cargo xtask generate` from crates/*/rules/*.md; edit those. -->\n\
         # Rules\n\n\
         `penstock explain RULE` shows a rule's page offline. How to write one: \
         [RULES.md](../crates/penstock-check/RULES.md).\n",
    );
    for (area, rules) in areas {
        write!(
            out,
            "\n## {area} ({})\n\n\
             | rule | finds | severity | confidence | audience | control areas | elsewhere called |\n\
             |---|---|---|---|---|---|---|\n",
            rules.len()
        )?;
        for rule in rules {
            let front = &rule.front;
            let areas: Vec<String> = front.control_areas.iter().map(u8::to_string).collect();
            writeln!(
                out,
                "| [`{id}`](../crates/penstock-{area}/rules/{name}.md) | {title} | {severity} | \
                 {confidence} | {audience} | {areas} | {aliases} |",
                id = front.id,
                name = rule.name,
                title = front.title.replace('|', "\\|"),
                severity = front.severity,
                confidence = format!("{:?}", front.confidence).to_lowercase(),
                audience = format!("{:?}", front.audience).to_lowercase(),
                areas = areas.join(", "),
                aliases = front.aliases.join(", "),
            )?;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "+++
id = \"ci/some-rule\"
title = \"Something is wrong | really\"
severity = \"high\"
confidence = \"high\"
audience = \"regular\"
area = \"ci\"
cwe = [829]
controls = [\"SR-3\"]
control_areas = [4]
threats = [\"T3\"]
since = \"0.1.0\"
entropy = 3.0
+++

## What it does
Finds it.

## Why it matters
It does.

## How to fix
So.

## Examples
```hit
x
```

```near-miss
y
```

```suppressed
z
```
";

    /// A repository with these files under `crates/penstock-ci/rules`.
    fn repository(rules: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("crates/penstock-ci/rules");
        fs::create_dir_all(&folder).unwrap();
        for (name, content) in rules {
            fs::write(folder.join(name), content).unwrap();
        }
        fs::write(root.path().join("rustfmt.toml"), "max_width = 100\n").unwrap();
        root
    }

    fn error(rules: &[(&str, &str)]) -> String {
        format!("{:#}", run_in(repository(rules).path(), false).unwrap_err())
    }

    #[test]
    fn what_was_written_is_up_to_date_until_a_rule_changes() {
        let root = repository(&[("some-rule.md", PAGE), ("some-rule.rs", "")]);
        let stale = run_in(root.path(), true).unwrap_err().to_string();
        assert!(stale.contains("docs/rules.md, crates/penstock-ci/src/generated.rs"), "{stale}");
        run_in(root.path(), false).unwrap();
        run_in(root.path(), true).unwrap();
        let read = |path: &str| fs::read_to_string(root.path().join(path)).unwrap();
        let table = read("crates/penstock-ci/src/generated.rs");
        for part in [
            "#[path = \"../rules/some-rule.rs\"]\npub(crate) mod some_rule;",
            "pub(crate) const SOME_RULE: &Rule = &Rule {",
            "entropy: Some(3.0),",
            "pub static RULES: &[&Rule] = &[SOME_RULE];",
            "(SOME_RULE, some_rule::DETECTOR)",
            "fn some_rule() {\n        run(SOME_RULE);",
        ] {
            assert!(table.contains(part), "{part} in {table}");
        }
        assert!(read("docs/rules.md").contains("| Something is wrong \\| really | high |"));

        let page = root.path().join("crates/penstock-ci/rules/some-rule.md");
        fs::write(page, PAGE.replace("severity = \"high\"", "severity = \"low\"")).unwrap();
        let stale = run_in(root.path(), true).unwrap_err().to_string();
        assert!(
            stale
                == "stale: docs/rules.md, crates/penstock-ci/src/generated.rs; run `cargo xtask generate` and commit the result",
            "{stale}"
        );
    }

    #[test]
    fn a_mistake_is_named_with_file_and_line_and_nothing_is_written() {
        let bad = PAGE.replace("severity = \"high\"", "severity = \"bad\"");
        assert_eq!(
            error(&[("some-rule.md", &bad)]),
            "crates/penstock-ci/rules/some-rule.md:4: unknown variant `bad`, expected one of `low`, `medium`, `high`, `critical`"
        );
        assert_eq!(
            error(&[("other-rule.md", PAGE)]),
            "crates/penstock-ci/rules/other-rule.md:2: the id is `ci/some-rule`, which is not the file's place"
        );
        assert_eq!(
            error(&[("lonely.rs", "")]),
            "crates/penstock-ci/rules/lonely.rs has no lonely.md beside it"
        );
        let root = repository(&[("other-rule.md", PAGE)]);
        run_in(root.path(), false).unwrap_err();
        assert!(!root.path().join("docs").exists());
    }
}
