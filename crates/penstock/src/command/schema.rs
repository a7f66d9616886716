use super::{Context, Failure};

/// A schema of ours by name, or their names.
pub(super) fn schema(context: &Context, name: Option<&str>) -> Result<u8, Failure> {
    let mut all: Vec<(String, String)> = penstock_config::schemas();
    let predicates = penstock_statement::schemas().into_iter();
    all.extend(predicates.map(|(file, text)| (format!("predicate/{file}"), text)));
    all.push((
        "report.v1.json".to_owned(),
        penstock_check::format::json::schema().unwrap_or_default(),
    ));
    all.extend(penstock_audit::schemas());
    all.push(penstock_road::command::record::schema());
    all.sort();
    let Some(name) = name else {
        for (file, _) in &all {
            context.screen.line(short(file))?;
        }
        return Ok(0);
    };
    match all.iter().find(|(file, _)| short(file) == name || file == name) {
        Some((_, text)) => {
            context.screen.text(text)?;
            Ok(0)
        }
        None => {
            let names: Vec<&str> = all.iter().map(|(file, _)| short(file)).collect();
            Err(Failure::Usage(format!("there is no schema `{name}`: {}", names.join(", "))))
        }
    }
}

/// A schema's name: its file's without the version.
fn short(file: &str) -> &str {
    file.split(".v").next().unwrap_or(file)
}
