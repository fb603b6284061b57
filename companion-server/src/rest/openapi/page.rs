//! The document as a page for people, at [`protocol::paths::DOCS`]: HTML and one style, no script, nothing from elsewhere.
//!
//! A route that stands under both roots is shown once. What every route may answer is told once as well.

mod schema;
mod text;

use std::{fmt::Write as _, sync::LazyLock};

use serde_json::{Map, Value};

use self::{
    schema::{fields, kind},
    text::{escape, inline, paragraphs},
};

/// What any route may answer, told once for all.
const COMMON: [&str; 6] = ["408", "413", "415", "429", "500", "503"];

/// The whole page.
pub(super) fn render(document: &Value) -> String {
    let operations = operations(document);
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Roost API</title>\n\
         <link rel=\"stylesheet\" href=\"/api/docs/style.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n",
    );
    // Writing to a string does not fail.
    let _ = contents(&mut page, document, &operations)
        .and_then(|()| introduction(&mut page, document))
        .and_then(|()| tags(&mut page, document, &operations))
        .and_then(|()| events(&mut page, document))
        .and_then(|()| schemas(&mut page, document));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// One operation with its method and path.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    told: &'a Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = object(&document["paths"]);
    let each = paths.iter().flat_map(|(path, item)| {
        object(item).iter().map(move |(method, told)| Operation { method, path, told })
    });
    each.filter(|operation| !text(&operation.told["operationId"]).ends_with("AtRoot")).collect()
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(&self.told["operationId"])
    }

    fn is_of(&self, tag: &str) -> bool {
        self.told["tags"][0] == tag
    }

    fn needs_token(&self) -> bool {
        self.told["security"].as_array().is_some_and(|ways| ways.iter().all(|way| !object(way).is_empty()))
    }
}

fn contents(page: &mut String, document: &Value, operations: &[Operation<'_>]) -> std::fmt::Result {
    page.push_str(
        "<nav aria-label=\"Contents\">\n<p class=\"mark\"><a href=\"#top\">Roost API</a></p>\n<ul>\n",
    );
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        writeln!(page, "<li><a href=\"#{}\">{}</a>\n<ul>", anchor(name), escape(name))?;
        for operation in operations.iter().filter(|operation| operation.is_of(name)) {
            let summary = inline(text(&operation.told["summary"]));
            writeln!(page, "<li><a href=\"#{}\">{summary}</a></li>", operation.id())?;
        }
        page.push_str("</ul></li>\n");
    }
    page.push_str(
        "<li><a href=\"#errors\">Errors</a></li>\n<li><a href=\"#events\">Events</a></li>\n\
         <li><a href=\"#types\">Types</a></li>\n</ul>\n</nav>\n",
    );
    Ok(())
}

fn introduction(page: &mut String, document: &Value) -> std::fmt::Result {
    let (info, version) = (&document["info"], escape(text(&document["info"]["version"])));
    writeln!(page, "<main id=\"content\">\n<header id=\"top\">\n<h1>Roost API</h1>")?;
    writeln!(
        page,
        "<p class=\"soft\">Version {version} · <a href=\"/api/openapi.json\">OpenAPI document</a></p>\n{}</header>",
        paragraphs(text(&info["description"]))
    )
}

fn tags(page: &mut String, document: &Value, operations: &[Operation<'_>]) -> std::fmt::Result {
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        writeln!(page, "<section>\n<h2 id=\"{}\">{}</h2>", anchor(name), escape(name))?;
        page.push_str(&paragraphs(text(&tag["description"])));
        for operation in operations.iter().filter(|operation| operation.is_of(name)) {
            describe(page, operation)?;
        }
        page.push_str("</section>\n");
    }
    let every = operations.iter().find(|operation| operation.told["requestBody"].is_object());
    page.push_str(
        "<section>\n<h2 id=\"errors\">Errors</h2>\n<p>Beside what each route names; 408, 413 and 415 where it takes a \
         body.</p>\n",
    );
    if let Some(operation) = every {
        responses(page, "What any route may answer", operation, |status| COMMON.contains(&status))?;
    }
    page.push_str("</section>\n");
    Ok(())
}

fn describe(page: &mut String, operation: &Operation<'_>) -> std::fmt::Result {
    let Operation { method, path, told } = operation;
    let summary = inline(text(&told["summary"]));
    writeln!(page, "<article>\n<h3 id=\"{0}\"><a href=\"#{0}\">{summary}</a></h3>", operation.id())?;
    let open = if operation.needs_token() { "" } else { " <span class=\"open\">no token</span>" };
    writeln!(
        page,
        "<p class=\"route\"><span class=\"method {method}\">{}</span> <code>{}</code>{open}</p>",
        method.to_uppercase(),
        escape(path)
    )?;
    page.push_str(&paragraphs(text(&told["description"])));
    let parameters = list(&told["parameters"]);
    if !parameters.is_empty() {
        table(page, "Parameters", ["Name", "In", "Type", "Meaning"])?;
        for parameter in parameters {
            let needed = if parameter["required"] == true { "" } else { ", may be absent" };
            writeln!(
                page,
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}{needed}</td><td>{}</td></tr>",
                escape(text(&parameter["name"])),
                escape(text(&parameter["in"])),
                kind(&parameter["schema"]),
                inline(text(&parameter["description"]))
            )?;
        }
        page.push_str("</tbody></table></div>\n");
    }
    if let Some(body) = told.pointer("/requestBody/content/application~1json/schema") {
        writeln!(page, "<p>Body: {}</p>", kind(body))?;
    }
    responses(page, "Answers", operation, |status| !COMMON.contains(&status))?;
    page.push_str("</article>\n");
    Ok(())
}

fn responses(
    page: &mut String,
    caption: &str,
    operation: &Operation<'_>,
    shown: impl Fn(&str) -> bool,
) -> std::fmt::Result {
    table(page, caption, ["Status", "Body", "Meaning"])?;
    for (status, response) in object(&operation.told["responses"]).iter().filter(|(status, _)| shown(status))
    {
        let body = response.pointer("/content/application~1json/schema").map_or_else(String::new, kind);
        let headers = object(&response["headers"]).keys();
        let headers = headers.fold(String::new(), |html, name| html + " <code>" + &escape(name) + "</code>");
        writeln!(
            page,
            "<tr><th scope=\"row\">{status}</th><td>{body}{headers}</td><td>{}</td></tr>",
            inline(text(&response["description"]))
        )?;
    }
    page.push_str("</tbody></table></div>\n");
    Ok(())
}

fn events(page: &mut String, document: &Value) -> std::fmt::Result {
    let events = &document["x-socket-events"];
    page.push_str("<section>\n<h2 id=\"events\">Events</h2>\n");
    page.push_str(&paragraphs(text(&events["description"])));
    for (direction, caption) in [("fromServer", "From the server"), ("fromClient", "From the client")] {
        writeln!(page, "<h3 id=\"{direction}\">{caption}</h3>")?;
        table(page, caption, ["Event", "Payload", "Meaning"])?;
        for event in list(&events[direction]) {
            writeln!(
                page,
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>",
                escape(text(&event["name"])),
                kind(&event["payload"]),
                inline(text(&event["description"]))
            )?;
        }
        page.push_str("</tbody></table></div>\n");
    }
    page.push_str("</section>\n");
    Ok(())
}

fn schemas(page: &mut String, document: &Value) -> std::fmt::Result {
    page.push_str("<section>\n<h2 id=\"types\">Types</h2>\n");
    for (name, schema) in object(&document["components"]["schemas"]) {
        writeln!(page, "<article>\n<h3 id=\"type-{0}\"><a href=\"#type-{0}\">{0}</a></h3>", escape(name))?;
        page.push_str(&paragraphs(text(&schema["description"])));
        let fields = fields(schema);
        if fields.is_empty() {
            writeln!(page, "<p>{}</p>", kind(schema))?;
        } else {
            table(page, &format!("Fields of {name}"), ["Field", "Type", "Meaning"])?;
            for field in fields {
                let needed = if field.required { "" } else { ", may be absent" };
                writeln!(
                    page,
                    "<tr><th scope=\"row\"><code>{}</code></th><td>{}{needed}</td><td>{}</td></tr>",
                    escape(field.name),
                    kind(field.schema),
                    inline(field.description)
                )?;
            }
            page.push_str("</tbody></table></div>\n");
        }
        page.push_str("</article>\n");
    }
    page.push_str("</section>\n");
    Ok(())
}

/// Begins a table; wide ones scroll by themselves, also with the keyboard.
fn table<const N: usize>(page: &mut String, caption: &str, columns: [&str; N]) -> std::fmt::Result {
    let caption = escape(caption);
    write!(
        page,
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\"><table>\n\
         <caption>{caption}</caption>\n<thead><tr>"
    )?;
    for column in columns {
        write!(page, "<th scope=\"col\">{column}</th>")?;
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    Ok(())
}

fn anchor(name: &str) -> String {
    format!("tag-{}", name.to_lowercase().replace(' ', "-"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The fields of an object; none of anything else.
fn object(value: &Value) -> &Map<String, Value> {
    static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE)
}
