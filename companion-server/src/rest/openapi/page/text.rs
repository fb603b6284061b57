//! The little Markdown of the document's descriptions, as HTML: paragraphs, `code`, **strong** and *emphasis*.

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// One line of text.
pub(super) fn inline(text: &str) -> String {
    // Within code nothing else is marked up.
    let parts = text.split('`').enumerate().map(|(number, part)| {
        let part = escape(part);
        if number % 2 == 1 {
            format!("<code>{part}</code>")
        } else {
            marked(&marked(&part, "**", "strong"), "*", "em")
        }
    });
    parts.collect()
}

/// Several paragraphs.
pub(super) fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs.fold(String::new(), |html, paragraph| html + "<p>" + &inline(paragraph.trim()) + "</p>\n")
}

fn marked(text: &str, mark: &str, element: &str) -> String {
    let parts = text.split(mark).enumerate().map(|(number, part)| {
        if number % 2 == 1 { format!("<{element}>{part}</{element}>") } else { part.to_owned() }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_everything_else_is_text() {
        for (text, html) in [
            ("a `b<c>` d", "a <code>b&lt;c&gt;</code> d"),
            ("**Ids** are *short*", "<strong>Ids</strong> are <em>short</em>"),
            ("`*` & <script>", "<code>*</code> &amp; &lt;script&gt;"),
        ] {
            assert_eq!(inline(text), html);
        }
        assert_eq!(paragraphs("one\n\ntwo\n"), "<p>one</p>\n<p>two</p>\n");
    }
}
