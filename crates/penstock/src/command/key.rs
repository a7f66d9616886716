use base64::{Engine as _, prelude::BASE64_STANDARD};
use penstock_attest::{PublicKey, keys::KeyName};
use penstock_road::session::Place;

use super::{Context, Failure};
use crate::arguments;

/// Keys of persons.
pub(super) fn key(context: &Context, wanted: &arguments::Key) -> Result<u8, Failure> {
    let project = context.project()?;
    let place = Place::existing(&project, &context.around)?;
    match wanted {
        arguments::Key::New { person } => {
            let public = place.keys.generate(&KeyName::person(person)?)?;
            context.screen.text(&policy_lines(person, &public))?;
        }
        arguments::Key::Show { person } => {
            let public = place.keys.public(&KeyName::person(person)?)?;
            context.screen.text(&policy_lines(person, &public))?;
        }
        arguments::Key::List => {
            for stored in place.keys.list()? {
                let name = stored.name.private_file();
                let name = name.strip_suffix(".pem").unwrap_or(&name);
                let demo = if stored.demo { "  demo" } else { "" };
                let (role, id) = (stored.name.role(), stored.public.id());
                context.screen.line(format_args!("{name:<20} {role:<7} {id}{demo}"))?;
            }
        }
    }
    Ok(0)
}

/// A person and their key, ready to be appended to a policy text.
fn policy_lines(person: &str, public: &PublicKey) -> String {
    let (id, spki) = (public.id(), BASE64_STANDARD.encode(public.to_spki()));
    format!(
        "\n[keys.person-{person}]\nid = \"{id}\"\npublic = \"{spki}\"\nrole = \"person\"\n\n[people.{person}]\nname = \"{person}\"\nemails = []\nkeys = [\"{id}\"]\nidentity = \"bare-key\"\n"
    )
}
