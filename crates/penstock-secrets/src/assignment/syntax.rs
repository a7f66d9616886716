//! What kind of file it is, as far as that says what a value looks like in it.

use penstock_model::RepoPath;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Programs: a value is in quotes, anything else is an expression.
    Code,
    /// `name = value` to the end of the line.
    Lines,
    /// JSON and its relatives: a value is in quotes.
    Json,
    /// Markup: elements and attributes.
    Markup,
    /// Text for people.
    Prose,
    /// Shells, Dockerfiles and other files of commands: a value is one word.
    Shell,
    /// A file whose name tells nothing.
    Unknown,
    /// YAML: a value ends with its line or at ` #`.
    Yaml,
}

/// What is known about a file by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Material {
    pub(crate) syntax: Syntax,
    /// Texts for people in several languages: `password` is a label there.
    pub(crate) translations: bool,
    /// Written by a program: lock files, source maps, minified bundles.
    pub(crate) generated: bool,
    /// Lists the digests of other files.
    pub(crate) digests: bool,
}

impl Material {
    /// Told by the path alone.
    pub(crate) fn of(path: &RepoPath) -> Self {
        let path_bytes = path.as_bytes().to_ascii_lowercase();
        let name = path_bytes.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        Self {
            syntax: syntax(name),
            translations: path_bytes.split(|byte| !byte.is_ascii_alphanumeric()).any(|part| {
                matches!(
                    part,
                    b"i18n"
                        | b"l10n"
                        | b"lang"
                        | b"langs"
                        | b"language"
                        | b"languages"
                        | b"locale"
                        | b"locales"
                        | b"localisation"
                        | b"localization"
                        | b"translation"
                        | b"translations"
                        | b"messages"
                        | b"intl"
                )
            }),
            generated: generated(name),
            digests: [&b"checksum"[..], b"sums", b"integrity", b"manifest", b"hashes"]
                .iter()
                .any(|word| name.windows(word.len()).any(|part| part == *word)),
        }
    }

    /// Whether it holds settings: what is written there is used.
    pub(crate) fn has_settings(self) -> bool {
        matches!(
            self.syntax,
            Syntax::Lines | Syntax::Yaml | Syntax::Json | Syntax::Markup | Syntax::Shell
        )
    }

    /// Whether a value may stand without quotes.
    pub(crate) fn has_bare_values(self) -> bool {
        !matches!(self.syntax, Syntax::Code | Syntax::Json)
    }
}

fn syntax(name: &[u8]) -> Syntax {
    let mut parts = name.rsplit(|byte| *byte == b'.');
    let mut extension = parts.next().unwrap_or_default();
    // `settings.py.example`, `config.yml.dist`, `.env.production`
    if name.starts_with(b".env") || name.starts_with(b"env.") {
        return Syntax::Lines;
    }
    while matches!(
        extension,
        b"example"
            | b"sample"
            | b"dist"
            | b"template"
            | b"tmpl"
            | b"tpl"
            | b"j2"
            | b"erb"
            | b"bak"
            | b"orig"
            | b"old"
            | b"local"
            | b"default"
            | b"in"
    ) {
        match parts.next() {
            Some(next) => extension = next,
            None => break,
        }
    }
    match extension {
        b"env" | b"ini" | b"properties" | b"conf" | b"cfg" | b"cnf" | b"toml" | b"netrc"
        | b"_netrc" | b"npmrc" | b"pypirc" | b"s3cfg" | b"pgpass" | b"envrc" | b"tfvars"
        | b"service" | b"desktop" | b"config.txt" | b"credentials" | b"boto" | b"inf" | b"reg"
        | b"hosts" | b"inventory" | b"prefs" => Syntax::Lines,
        b"yml" | b"yaml" | b"eyaml" | b"raml" => Syntax::Yaml,
        b"json"
        | b"jsonc"
        | b"json5"
        | b"ipynb"
        | b"tfstate"
        | b"har"
        | b"webmanifest"
        | b"postman_collection"
        | b"template.json"
        | b"hcl"
        | b"tf"
        | b"avsc"
        | b"jsonnet" => Syntax::Json,
        b"xml" | b"html" | b"htm" | b"xhtml" | b"config" | b"plist" | b"csproj" | b"xaml"
        | b"jsp" | b"resx" | b"settings" | b"wsdl" | b"xsd" | b"svg" | b"vue" | b"jmx"
        | b"aspx" | b"xsl" | b"xslt" | b"pubxml" | b"iml" | b"rdf" | b"storyboard" | b"ftl"
        | b"tld" => Syntax::Markup,
        b"md" | b"markdown" | b"rst" | b"txt" | b"adoc" | b"asciidoc" | b"tex" | b"rdoc"
        | b"org" | b"mdx" | b"textile" | b"pod" | b"texi" | b"man" | b"eml" | b"log" | b"mdown"
        | b"wiki" | b"csv" | b"tsv" | b"1" | b"5" | b"8" => Syntax::Prose,
        b"sh" | b"bash" | b"zsh" | b"fish" | b"ksh" | b"bat" | b"cmd" | b"ps1" | b"psm1"
        | b"psd1" | b"dockerfile" | b"mk" | b"tcl" | b"exp" | b"csh" | b"nix" => Syntax::Shell,
        b"c" | b"cc" | b"cpp" | b"cxx" | b"h" | b"hh" | b"hpp" | b"hxx" | b"m" | b"mm" | b"cs"
        | b"vb" | b"fs" | b"java" | b"kt" | b"kts" | b"scala" | b"groovy" | b"gradle" | b"clj"
        | b"cljs" | b"go" | b"rs" | b"py" | b"pyi" | b"pyx" | b"rb" | b"rake" | b"php"
        | b"php3" | b"php4" | b"php5" | b"phtml" | b"inc" | b"pl" | b"pm" | b"t" | b"lua"
        | b"r" | b"jl" | b"ex" | b"exs" | b"erl" | b"hrl" | b"hs" | b"ml" | b"mli" | b"js"
        | b"mjs" | b"cjs" | b"jsx" | b"ts" | b"tsx" | b"mts" | b"cts" | b"coffee" | b"dart"
        | b"swift" | b"sql" | b"psql" | b"sol" | b"v" | b"vhd" | b"zig" | b"nim" | b"d"
        | b"pas" | b"asm" | b"s" | b"css" | b"scss" | b"less" | b"sass" | b"graphql" | b"proto"
        | b"pp" | b"ino" | b"as" | b"haml" | b"jade" | b"pug" | b"ejs" | b"hbs" | b"twig"
        | b"cr" | b"svelte" | b"astro" | b"bicep" | b"cmake" | b"el" | b"lisp" | b"scm"
        | b"rkt" | b"vim" | b"patch" | b"diff" | b"feature" => Syntax::Code,
        _ if name.starts_with(b"dockerfile") || name.starts_with(b"makefile") => Syntax::Shell,
        _ if name.starts_with(b"readme")
            || name.starts_with(b"changelog")
            || name == b"pkg-info" =>
        {
            Syntax::Prose
        }
        _ if matches!(name, b"vagrantfile" | b"jenkinsfile" | b"gemfile" | b"rakefile") => {
            Syntax::Code
        }
        _ if name.ends_with(b"rc") && name.starts_with(b".") => Syntax::Lines,
        _ => Syntax::Unknown,
    }
}

fn generated(name: &[u8]) -> bool {
    let ends = [
        &b".lock"[..],
        b"-lock.json",
        b"-lock.yaml",
        b".sum",
        b".map",
        b".min.js",
        b".min.css",
        b".bundle.js",
        b".chunk.js",
        b".svg",
        b".po",
        b".pot",
        b".snap",
        b".ipa",
        b".cast",
        b".csv",
        b"npm-shrinkwrap.json",
        b"integrity.json",
        b".sha256",
        b".md5",
        b".css",
        b".scss",
        b".less",
    ];
    ends.iter().any(|end| name.ends_with(end))
}
