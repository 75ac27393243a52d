use super::*;

fn allowed(line: &str) -> (Vec<u32>, Vec<u32>) {
    let profile = config(&format!("{DOMAIN}{line}\n")).profiles.remove(0);
    let AllowList { users, groups } = profile.allow;
    (Vec::from_iter(users), Vec::from_iter(groups))
}

#[test]
fn users_and_groups_are_written_by_name_or_by_number() {
    assert_eq!(allowed(""), (vec![], vec![]));
    let line = r#"allow = { users = ["4711", "root"], groups = ["0"] }"#;
    assert_eq!(allowed(line), (vec![0, 4711], vec![0]));
    assert_eq!(
        allowed(r#"allow = { groups = ["12"] }"#),
        (vec![], vec![12])
    );
}

#[test]
fn others_are_served_once_anybody_is_named() {
    let serves_others = |line: &str| config(&format!("{DOMAIN}{line}\n")).serves_others();
    assert!(!serves_others(""));
    assert!(!serves_others("allow = { users = [] }"));
    assert!(serves_others(r#"allow = { users = ["4711"] }"#));
    assert!(serves_others(r#"allow = { groups = ["4711"] }"#));
}

#[test]
fn somebody_who_does_not_exist_is_a_mistake() {
    let refusal = |line: &str| refusal(&format!("{DOMAIN}{line}\n"));
    check(
        &refusal(r#"allow = { users = ["root", "no-such-user"] }"#),
        "6: profile.prod.allow.users[1]: there is no user \"no-such-user\"\n\
         hint: 'getent passwd' lists them; one that has no name is written as its number",
    );
    check(
        &refusal(r#"allow = { groups = ["no-such-group"] }"#),
        "6: profile.prod.allow.groups[0]: there is no group \"no-such-group\"\n\
         hint: 'getent group' lists them; one that has no name is written as its number",
    );
}

#[test]
fn a_list_is_no_longer_than_it_can_be_asked_for() {
    let names = |count: usize| vec!["\"4711\""; count].join(", ");
    let line = |count: usize| format!("allow = {{ users = [{}] }}", names(count));
    assert_eq!(allowed(&line(100)).0, [4711]);
    check(
        &refusal(&format!("{DOMAIN}{}\n", line(101))),
        "6: profile.prod.allow.users: expected at most 100 names, found 101\n\
         hint: put them into one group and name that in 'groups'",
    );
}
