//! Secrets of steps through the program: where they come from, who sees them, and that they get out
//! nowhere.

#[path = "../../../penstock-road/src/secrets/vault/fake.rs"]
mod fake;

use std::{fs, process::Command};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_statement::predicate::{Provenance, RunOutcome, RunSeal};

use crate::harness::{Ran, World};
use fake::{Fake, JWT, TOKEN, well_behaved};

/// The secret of these tests; put together here so that no scanner trips over this file.
fn value() -> String {
    ["corr", "ect/horse+battery=", "st'aple"].concat()
}

fn pipeline(secrets: &str, command: &str) -> String {
    format!(
        "[project]\nname = \"sample\"\n\n[steps.build]\nrun = '''\n{command}\n'''\noutputs = [\"dist/app\"]\n\n\
         [steps.build.secrets]\n{secrets}\n"
    )
}

const BUILD: &str = "mkdir dist; cp app.txt dist/app";

/// None of these is in what the program said or kept.
#[track_caller]
fn nowhere(world: &World, ran: &Ran, texts: &[&str]) {
    for text in texts {
        ran.does_not_say(text);
        for file in crate::harness::files(&world.state()) {
            // `current` is a link.
            let bytes = fs::read(&file).unwrap_or_default();
            let there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!there, "{text:?} is in {}", file.display());
        }
    }
}

#[test]
fn a_step_that_prints_its_secret_in_many_forms() {
    let value = value();
    // What a reader of the log would look for: the form, and a part of it that is the secret's alone.
    let hexadecimal: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let spaced: Vec<String> = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = value.bytes().map(|byte| byte.to_string()).collect();
    let escaped = |format: fn(u8) -> String| value.bytes().map(format).collect::<String>();
    let wrapped = format!("{}{value}", "x".repeat(50));
    let wrapped = BASE64_STANDARD.encode(wrapped);
    let forms: Vec<String> = vec![
        value.clone(),
        BASE64_STANDARD.encode(&value),
        BASE64_STANDARD.encode(format!("u:{value}@h")),
        format!("{}\n{}", &wrapped[..76], &wrapped[76..]),
        hexadecimal.clone(),
        hexadecimal.to_uppercase(),
        spaced.join(" "),
        numbers.join(", "),
        escaped(|byte| format!("%{byte:02X}")),
        escaped(|byte| format!("\\u{byte:04x}")),
        escaped(|byte| format!("\\x{byte:02x}")),
        escaped(|byte| format!("&#{byte};")),
        value.chars().rev().collect(),
        format!("'{}'", value.replace('\'', "'\\''")),
        value.replace('/', "\\/").replace('\'', "\\'"),
        BASE64_STANDARD.encode(BASE64_STANDARD.encode(&value)),
    ];
    // The step makes the forms from its variable: none stands in its definition.
    let command = r#"
        v="$TOKEN"; hex=$(printf %s "$v" | od -An -v -tx1 | tr -d ' \n')
        each() { printf %s "$hex" | sed "s/../$1/g"; echo; }
        say() { echo "$1"; echo "$1" >&2; }
        say "$v"
        say "$(printf %s "$v" | base64 -w0)"
        say "$(printf 'u:%s@h' "$v" | base64 -w0)"
        printf 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%s' "$v" | base64 -w76
        say "$hex"
        say "$(printf %s "$hex" | tr a-f A-F)"
        each '& '
        printf %s "$v" | od -An -v -w1 -tu1 | tr -d ' ' | paste -sd, | sed 's/,/, /g'
        each '%&' | tr a-f A-F
        each '\\u00&'
        each '\\x&'
        printf %s "$v" | od -An -v -w1 -tu1 | sed 's/ *\(.*\)/\&#\1;/' | tr -d '\n'; echo
        say "$(printf '%s\n' "$v" | rev)"
        printf "'%s'\n" "$(printf %s "$v" | sed "s/'/'\\\\''/g")"
        printf '%s\n' "$v" | sed "s,/,\\\\/,g;s,',\\\\',g"
        say "$(printf %s "$v" | base64 -w0 | base64 -w0)"
        i=0; while [ $i -lt 28 ]; do i=$((i+1)); printf %s "$v" | cut -c$i | tr -d '\n'; done; echo
        mkdir dist; cp app.txt dist/app"#;
    let world = World::with(&pipeline("TOKEN = \"env:RELEASE_TOKEN\"", command));
    world.set("RELEASE_TOKEN", &value);
    let ran = world.penstock(["run"]);
    ran.exits(0).says("***").says("secrets TOKEN from env:RELEASE_TOKEN");
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    nowhere(&world, &ran, &forms);
    // The step did print all of it: one line for each, twice where it said it on both streams.
    let masks = ran.err.matches("***").count();
    assert!(masks >= forms.len(), "{masks} masks of {} forms:\n{}", forms.len(), ran.err);
    let step = &world.newest_statement::<RunSeal>().predicate.steps[0];
    let read: Vec<_> = step.secrets.iter().map(|s| (s.name.as_str(), s.source.as_str())).collect();
    assert_eq!(read, [("TOKEN", "env:RELEASE_TOKEN")]);
    world.log_verifies();
}

#[test]
fn a_secret_in_an_output_keeps_it_from_being_sealed() {
    let value = value();
    for (make, within) in [
        ("printf %s \"$TOKEN\" > dist/app", "dist/app"),
        ("printf 'x%s' \"$TOKEN\" | base64 -w0 > dist/app", "dist/app"),
        ("mkdir dist/app; printf %s \"$TOKEN\" > t; gzip -c t > dist/app/t.gz", "dist/app/t.gz!/t"),
        (
            "mkdir dist/app in; yes \"$TOKEN\" | head -50 > in/t; tar czf dist/app/t.tgz in",
            "dist/app/t.tgz!/",
        ),
    ] {
        let command = format!("mkdir dist; {make}");
        let world = World::with(&pipeline("TOKEN = \"env:RELEASE_TOKEN\"", &command));
        world.set("RELEASE_TOKEN", &value);
        let ran = world.penstock(["run"]);
        ran.exits(3).says("build  FAIL").says(&format!("output `{within}"));
        ran.says("holds the secret `TOKEN`");
        nowhere(&world, &ran, &[&value, &BASE64_STANDARD.encode(&value)]);
        assert_eq!(world.newest_statement::<RunSeal>().predicate.outcome, RunOutcome::Failed);
        assert_eq!(world.evidence::<Provenance>(), []);
        assert_eq!(world.deployed("staging"), None);
        assert!(!world.state().join("artifacts").exists());
        world.log_verifies();
    }
}

/// `penstock run`, started by a shell that opens or closes descriptors, as a CI job would.
fn run_with(world: &World, redirection: &str) -> Ran {
    let run = world.command(["run"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")]);
    shell.arg(run.get_program()).args(run.get_args());
    shell.current_dir(world.repository()).env_clear();
    for (name, value) in run.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    Ran::of(shell.output().unwrap())
}

/// A step beside the one that has the secret, one after it, and the program's own descriptors.
#[test]
fn no_other_step_sees_a_secret() {
    let value = value();
    let spy = "env; cat /proc/*/environ 2>/dev/null | tr '\\\\0' '\\\\n' || true\n\
               ls -l /proc/self/fd /proc/1/fd 2>/dev/null || true\n\
               for n in 3 4 5 6 7 8 9; do cat /proc/self/fd/$n 2>/dev/null || true; done\n\
               grep -rs 'hors[e].batter[y]' /workspace /tmp /run /home /var /etc 2>/dev/null || true";
    let text = pipeline(
        "TOKEN = \"fd:7\"",
        // Long enough that the other looks while it is there.
        "i=0; while [ $i -lt 300 ]; do i=$((i+1)); cat /proc/self/status > /dev/null; done\n\
         printf %s \"$TOKEN\" > left-behind; mkdir dist; cp app.txt dist/app",
    );
    let text = format!(
        "{text}\n[steps.beside]\nrun = '''\n{spy}\n'''\n\n[steps.after]\nneeds = [\"build\"]\nrun = '''\n{spy}\n'''\n"
    );
    let world = World::with(&text);
    let file = world.beside("token");
    fs::write(&file, format!("{value}\n")).unwrap();
    let ran = run_with(&world, "7<../token");
    ran.exits(0).says("secrets TOKEN from fd:7").does_not_say("horse+batt");
    nowhere(&world, &ran, &[&value]);

    // Without the descriptor there is nothing to read, and none of our own is read instead.
    for number in [3, 4, 5, 7, 9] {
        world.write("penstock.toml", pipeline(&format!("TOKEN = \"fd:{number}\""), BUILD));
        world.commit("Name another");
        let ran = run_with(&world, &format!("{number}<&-"));
        ran.exits(3).says(&format!("was not started with descriptor {number} open"));
    }
}

#[test]
fn a_secret_too_short_to_be_masked_is_not_given() {
    let world = World::with(&pipeline("PIN = \"env:PIN\"", BUILD));
    world.set("PIN", "q!z");
    let ran = world.penstock(["run"]);
    ran.exits(3).says("secret `PIN` from `env:PIN`: its value has fewer than 4 bytes");
    ran.does_not_say("q!z");
}

#[test]
fn a_secret_in_an_age_file_of_the_commit() {
    const FILE: &[u8] = include_bytes!("../../../penstock-road/tests/corpus/age/crate.age");
    let secrets = "NPM_TOKEN = \"age:ci/secrets.age#NPM_TOKEN\"";
    let text = pipeline(secrets, &format!("echo \"it is $NPM_TOKEN\"; {BUILD}"));
    let world = World::with(&text);
    world.write("ci/secrets.age", FILE);
    world.commit("Add secrets");
    // What counts is the commit, not what lies there.
    fs::write(world.repository().join("ci/secrets.age"), "changed").unwrap();
    world.penstock(["run"]).exits(3).says("name an identity file with --identity");

    let identity = world.beside("identity");
    fs::write(&identity, age_identity()).unwrap();
    world.set("PENSTOCK_AGE_IDENTITY", &identity);
    let ran = world.penstock(["run"]);
    ran.exits(0).says("it is ***").says("secrets NPM_TOKEN from age:ci/secrets.age#NPM_TOKEN");
    let secret = ["from-the-", "crate-age-1"].concat();
    nowhere(&world, &ran, &[&secret, "two words", "AGE-SECRET"]);

    // Somebody else's identity: thirty-two bytes of 0x42.
    let key = ["AGE-SECRET-", "KEY-1", &"GFPYYSJZ".repeat(6), "GFPQ4EGAEX"].concat();
    let other = world.beside("other");
    fs::write(&other, &key).unwrap();
    let ran = world.penstock(["run", "--identity", other.to_str().unwrap()]);
    ran.exits(3).says("none of the identities decrypts it");
    nowhere(&world, &ran, &[&key, &secret]);
    fs::write(&other, "correct-horse").unwrap();
    let ran = world.penstock(["run", "--identity", other.to_str().unwrap()]);
    ran.exits(3).says("line 1 of the identity file").does_not_say("horse");
}

#[test]
fn a_secret_in_the_vault_of_the_policy() {
    let fake = Fake::new(Box::new(well_behaved));
    let secrets = "NPM_TOKEN = \"vault:kv/ci#npm\"";
    let world = World::with(&pipeline(secrets, &format!("echo \"it is $NPM_TOKEN\"; {BUILD}")));
    world.penstock(["run"]).exits(3).says("the policy names no Vault");

    let vault = format!(
        "\n[vault]\naddress = \"http://127.0.0.1:{}\"\nrole = \"ci\"\njwt = \"env:CI_JWT\"\n",
        fake.port
    );
    // A change cannot name one: what logs in would be sent there.
    let text = pipeline(secrets, BUILD);
    world.write("penstock.toml", format!("{text}{vault}"));
    world.commit("Name a Vault");
    world.penstock(["run"]).exits(2).says("unknown key `vault`");
    world.write("penstock.toml", pipeline(secrets, &format!("echo \"it is $NPM_TOKEN\"; {BUILD}")));
    world.commit("Take it back");

    world.adopt(&(world.policy_with(&[]) + &vault));
    world.set("CI_JWT", JWT);
    let ran = world.penstock(["run"]);
    ran.exits(0).says("it is ***").says("secrets NPM_TOKEN from vault:kv/ci#npm");
    nowhere(&world, &ran, &["value-in-the-vault", JWT, TOKEN]);
    assert_eq!(fake.seen().last().unwrap(), "POST /v1/auth/token/revoke-self HTTP/1.1");

    // A login that is refused by an answer which repeats it.
    world.set("CI_JWT", "header.claims.of-somebody-else");
    let ran = world.penstock(["run"]);
    ran.exits(3).says("Vault refused the login to role `ci` at `jwt` with status 400");
    nowhere(&world, &ran, &["of-somebody-else"]);
    world.log_verifies();
}

/// The identity the sample file is encrypted to, of nobody.
fn age_identity() -> String {
    ["AGE-SECRET-", "KEY-1", "LHK6QKJZDQP5FN675L0RL4F059WECP", "VY9AA3M6UHUZQ53T33APAQRG2PKX"]
        .concat()
}
