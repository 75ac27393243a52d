//! The tables of answers: every row means what it says, and none gets lost.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oic_proto::Secret;

use super::super::{Answer, EndpointError, Verdict, token_grant};
use super::said::{column, rows, said};

const ERRORS: &str = include_str!("errors.txt");
const GRANTS: &str = include_str!("grants.txt");

/// How many different answers the tables hold. Only grows.
const ANSWERS_MIN: usize = 335;

#[test]
fn the_tables_do_not_shrink() {
    let errors = rows(ERRORS).map(|(_, row)| answer_in(row, 2));
    let grants = rows(GRANTS).map(|(_, row)| answer_in(row, 3));
    let distinct: BTreeSet<_> = errors.chain(grants).collect();
    assert!(distinct.len() >= ANSWERS_MIN, "only {}", distinct.len());
}

/// Status, kind and body of a row that expects this many things of them.
fn answer_in(mut row: &str, expectations: usize) -> (&str, &str, &str) {
    let (status, kind) = (column(&mut row), column(&mut row));
    for _ in 0..expectations {
        column(&mut row);
    }
    (status, kind, row)
}

#[test]
fn every_answer_that_is_no_grant_means_what_the_table_says() {
    for (line, mut row) in rows(ERRORS) {
        let (status, kind) = (column(&mut row), column(&mut row));
        let (meaning, code) = (column(&mut row), column(&mut row));
        let answer = answer(status, kind, row);
        let row = format!("errors.txt:{line}");
        let error = token_grant(Ok(answer)).expect_err(&row);
        assert_eq!((means(&error), error.code()), (meaning, code), "{row}");
    }
}

/// The verdict in the table's words.
fn means(error: &EndpointError) -> &'static str {
    match (error.verdict(), error.refresh_token()) {
        (Verdict::AskAgain, Some(token)) if token.0.expose() == "rt-2" => "kept",
        (_, Some(_)) => "something odd about a refresh token",
        (Verdict::AskAgain, None) => "ask-again",
        (Verdict::InDoubt, None) => "in-doubt",
        (Verdict::Over, None) => "over",
        (Verdict::Rejected, None) => "rejected",
    }
}

#[test]
fn every_grant_is_read_as_the_table_says() {
    for (line, mut row) in rows(GRANTS) {
        let (status, kind) = (column(&mut row), column(&mut row));
        let lifetime: u64 = column(&mut row).parse().expect("seconds");
        let refresh_token = Some(column(&mut row)).filter(|&it| it != "-");
        let subject = Some(column(&mut row)).filter(|&it| it != "-");
        let answer = answer(status, kind, &with_jwt(row));
        let row = format!("grants.txt:{line}");
        let grant = token_grant(Ok(answer)).expect(&row);
        assert_eq!(grant.lifetime.as_secs(), lifetime, "{row}");
        let got = grant.refresh_token.as_ref();
        let got = got.map(|it| it.0.expose().as_str());
        assert_eq!(got, refresh_token, "{row}");
        assert_eq!(grant.subject.as_deref(), subject, "{row}");
    }
}

/// A whole answer is cut by whatever closes the connection early and says
/// nothing of lengths: half of it never ends a session or begins one.
#[test]
fn no_part_of_an_answer_is_taken_for_the_whole() {
    for (_, mut row) in rows(ERRORS) {
        let (status, kind) = (column(&mut row), column(&mut row));
        let (meaning, _) = (column(&mut row), column(&mut row));
        let len = answer(status, kind, row).body.expose().len();
        let body = row.trim_end().as_bytes();
        for cut in (0..len).filter(|_| meaning == "over" && body.starts_with(b"{")) {
            let error = token_grant(Ok(cut_at(answer(status, kind, row), cut)));
            let error = error.expect_err("no grant");
            assert_ne!(error.verdict(), Verdict::Over, "{row} cut at {cut}");
        }
    }
    for (_, mut row) in rows(GRANTS) {
        let (status, kind) = (column(&mut row), column(&mut row));
        let body = with_jwt(row.split_once('{').map_or("", |(_, it)| it));
        let body = format!("{{{body}");
        for cut in 0..answer(status, kind, &body).body.expose().len() {
            let error = token_grant(Ok(cut_at(answer(status, kind, &body), cut)));
            let error = error.expect_err("no grant");
            assert_eq!(means(&error), "in-doubt", "{body} cut at {cut}");
        }
    }
}

fn cut_at(mut answer: Answer, cut: usize) -> Answer {
    answer.body = Secret::new(answer.body.expose()[..cut].to_vec());
    answer
}

fn answer(status: &str, kind: &str, body: &str) -> Answer {
    let status = status.parse().expect("a status");
    let content_type = match kind {
        "json" | "bom" | "utf16" => Some("application/json;charset=UTF-8"),
        "latin1" => Some("application/json;charset=ISO-8859-1"),
        "scim" => Some("application/scim+json"),
        "problem" => Some("application/problem+json"),
        "html" => Some("text/html"),
        "text" => Some("text/plain"),
        "xml" => Some("application/xml"),
        "form" => Some("application/x-www-form-urlencoded"),
        "octet" => Some("application/octet-stream"),
        "garbled" => Some("application / json; charset=\"\";;"),
        "none" => None,
        _ => panic!("there is no kind '{kind}'"),
    };
    let body = match kind {
        "bom" => [b"\xef\xbb\xbf", body.as_bytes()].concat(),
        "utf16" => body.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        // The first 256 characters of Unicode are those of ISO 8859-1.
        "latin1" => body.chars().map(|it| u32::from(it) as u8).collect(),
        _ => body.as_bytes().to_vec(),
    };
    Answer {
        body: Secret::new(body),
        ..said(status, content_type, "")
    }
}

/// `JWT` and what follows it up to the end of the JSON string becomes a JSON
/// Web Token with that payload.
fn with_jwt(body: &str) -> String {
    let Some((before, rest)) = body.split_once("\"JWT") else {
        return body.to_owned();
    };
    let end = rest
        .replace("\\\"", "##")
        .find('"')
        .expect("the string ends");
    let (payload, after) = rest.split_at(end);
    let payload = URL_SAFE_NO_PAD.encode(payload.replace("\\\"", "\""));
    format!("{before}\"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl{after}")
}
