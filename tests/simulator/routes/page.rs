//! `/ui/v1/device`: the verification page, where a person plays the user.

use axum::http::Method;
use jiff::Timestamp;

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::Domain;
use crate::simulator::domain::device::Decision;
use crate::simulator::domain::registry::USERS;
use crate::simulator::received::{Form, Received};

/// No script, no foreign content, no frame: the page needs none, and the real
/// one would not allow it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = include_str!("page.css");

pub(crate) fn answer(domain: &mut Domain, received: &Received, now: Timestamp) -> Answer {
    either(page(domain, received, now))
}

fn page(domain: &mut Domain, received: &Received, now: Timestamp) -> Result<Answer, Answer> {
    check_method(received, &[Method::GET, Method::POST])?;
    if received.method == Method::GET {
        let user_code = received.query.get("user_code").unwrap_or_default();
        return Ok(render(200, &form(domain, user_code, None, now)));
    }
    let sent = received.form()?;
    let (status, main) = match decide(domain, sent, now) {
        Ok(message) => (200, notice(&message)),
        Err(refusal) => {
            let user_code = sent.get("user_code").unwrap_or_default();
            (400, form(domain, user_code, Some(&refusal), now))
        }
    };
    Ok(render(status, &main))
}

/// Does what the pressed button says; the sentence to show afterwards.
fn decide(domain: &mut Domain, form: &Form, now: Timestamp) -> Result<String, String> {
    let (decision, done) = match form.get("action") {
        Some("allow") => (Decision::Approve, "is allowed"),
        Some("deny") => (Decision::Deny, "is denied"),
        Some("expire") => (Decision::Expire, "has expired"),
        _ => return Err("choose Allow or Deny".into()),
    };
    let user_code = form
        .get("user_code")
        .ok_or("type the code that the device shows")?;
    let user_code = domain.decide(user_code, form.get("user"), decision, now)?;
    Ok(format!(
        "The login {user_code} {done}. You may close this page."
    ))
}

fn notice(message: &str) -> String {
    format!("<h1>Done</h1>\n<p role=\"status\">{}</p>", escape(message))
}

fn form(domain: &Domain, user_code: &str, refusal: Option<&str>, now: Timestamp) -> String {
    let refusal = refusal
        .map(|refusal| {
            format!(
                "<p class=\"refusal\" role=\"alert\">{}</p>",
                escape(refusal)
            )
        })
        .unwrap_or_default();
    format!(
        r#"<h1>Device Log In</h1>
{refusal}
{asking}
<form method="post" action="/ui/v1/device">
<label for="user_code">Code shown by the device</label>
<input id="user_code" name="user_code" value="{user_code}" required autofocus maxlength="32"
 autocomplete="off" autocapitalize="characters" spellcheck="false">
<label for="user">Sign in as</label>
<select id="user" name="user">{users}</select>
<div class="actions">
<button name="action" value="allow" class="primary">Allow</button>
<button name="action" value="deny">Deny</button>
</div>
</form>"#,
        asking = asking(domain, user_code, now),
        user_code = escape(user_code),
        users = user_options(),
    )
}

/// Who asks, so that a person can notice a login that is not theirs
/// (RFC 8628 §5.4).
fn asking(domain: &Domain, user_code: &str, now: Timestamp) -> String {
    let pending = domain.pending_logins(now);
    let asking = pending.iter().find(|login| login.user_code == user_code);
    asking.map_or_else(String::new, |login| {
        let client = escape(login.client_name);
        format!("<p><strong>{client}</strong> asks to act for you.</p>")
    })
}

fn user_options() -> String {
    USERS
        .iter()
        .map(|user| {
            let role = if user.service_invoker {
                ""
            } else {
                " (may not call integrations)"
            };
            format!(
                "<option value=\"{0}\">{0}{role}</option>",
                escape(user.name)
            )
        })
        .collect()
}

fn render(status: u16, main: &str) -> Answer {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Device Log In</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {main}\n<footer>oic-sim, a simulator: no real account is involved.</footer>\n\
         </main>\n</body>\n</html>\n"
    );
    Answer::html(status, page)
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("Referrer-Policy", "no-referrer")
        .header("X-Content-Type-Options", "nosniff")
}

/// Text that a browser shows as it is, inside elements and quoted attributes.
fn escape(text: &str) -> String {
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
