//! `helper install`, `uninstall` and `list`: the link, and another program's
//! settings.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use oic_proto::Response;
use oic_proto::message::MappingView;

use crate::fake_daemon::{FakeDaemon, Folder, Outcome};

fn daemon() -> FakeDaemon {
    let mapping = Response::Mapping(MappingView {
        url: "https://r.example.com".to_owned(),
        realm: None,
        profile: "prod".to_owned(),
        username: "oauth2".to_owned(),
    });
    FakeDaemon::answering(vec![mapping, Response::End])
}

fn run(folder: &Folder, words: &str) -> Outcome {
    let words = Vec::from_iter(["helper"].into_iter().chain(words.split_whitespace()));
    let mut command = folder.oic_token(&words);
    let home = folder.path("home");
    fs::create_dir_all(&home).unwrap();
    command.env("HOME", home);
    command.output().unwrap().into()
}

#[track_caller]
fn done(folder: &Folder, words: &str) -> String {
    let outcome = run(folder, words);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    outcome.stdout
}

#[test]
fn docker_is_not_set_up_for_a_url_that_it_never_asks_for() {
    let mapping = Response::Mapping(MappingView {
        url: "https://r.example.com/team/*".to_owned(),
        realm: None,
        profile: "prod".to_owned(),
        username: "oauth2".to_owned(),
    });
    let daemon = FakeDaemon::answering(vec![mapping, Response::End]);
    let outcome = run(&daemon.folder, "install docker --write");
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.stderr.contains("no 'url'"), "{outcome:?}");
    for untouched in [".local/bin/docker-credential-oic", ".docker"] {
        let path = daemon.folder.path("home").join(untouched);
        assert!(!path.exists(), "{}", path.display());
    }
}

#[test]
fn a_link_is_made_listed_and_removed() {
    let daemon = daemon();
    let folder = &daemon.folder;
    let link = folder.path("home/.local/bin/docker-credential-oic");
    let said = done(folder, "install docker");
    assert!(
        said.contains("\"credHelpers\": {\"r.example.com\": \"oic\"}"),
        "{said}"
    );
    assert!(said.contains("oic-token helper uninstall docker"), "{said}");
    assert_eq!(
        fs::read_link(&link).unwrap().file_name().unwrap(),
        "oic-token"
    );
    assert!(
        !folder.path("home/.docker").exists(),
        "nothing is written unasked"
    );

    let list = done(folder, "list");
    let row = "docker      docker-credential-oic        ~/.local/bin\n";
    assert!(list.contains(row), "{list}");
    assert!(
        list.contains("git-credential-oic           none yet\n"),
        "{list}"
    );
    assert!(list.contains("oic-token helper install"), "{list}");
    assert!(list.contains("https://r.example.com → prod"), "{list}");

    done(folder, "install docker");
    done(folder, "uninstall docker");
    assert!(fs::symlink_metadata(&link).is_err());
    done(folder, "uninstall docker");
}

#[test]
fn what_is_there_and_not_ours_stays() {
    let daemon = daemon();
    let folder = &daemon.folder;
    let place = folder.path("keyring");
    let install = format!("install keyring --dir {}", folder.path("").display());
    let uninstall = install.replace("install", "uninstall");
    for make in [
        (|place| fs::write(place, "real").unwrap()) as fn(&std::path::PathBuf),
        |place| symlink("/usr/bin/true", place).unwrap(),
    ] {
        make(&place);
        let refused = run(folder, &install);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
        assert!(
            refused.stderr.contains("something else is there"),
            "{refused:?}"
        );
        done(folder, &uninstall);
        fs::remove_file(&place).unwrap();
    }
}

#[test]
fn settings_are_written_beside_those_that_are_there_and_taken_back() {
    let daemon = daemon();
    let folder = &daemon.folder;
    let home = folder.path("home");
    fs::create_dir_all(home.join(".docker")).unwrap();
    for (helper, file, before, ours) in [
        (
            "docker",
            ".docker/config.json",
            "{\n\t\"auths\": {}\n}\n",
            "\"oic\"",
        ),
        (
            "bazel",
            ".bazelrc",
            "build --jobs=2\n",
            "--credential_helper=r.example.com=/",
        ),
        (
            "terraform",
            ".terraformrc",
            "x = 1\n",
            "credentials_helper \"oic\" {\n}",
        ),
    ] {
        let file = home.join(file);
        fs::write(&file, before).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        done(folder, &format!("install {helper} --write"));
        let once = fs::read_to_string(&file).unwrap();
        assert!(once.contains(ours), "{once}");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        done(folder, &format!("install {helper} --write"));
        assert_eq!(fs::read_to_string(&file).unwrap(), once);
        done(folder, &format!("uninstall {helper} --write"));
        assert_eq!(fs::read_to_string(&file).unwrap(), before);
    }
}

#[test]
fn git_s_own_settings_are_changed_by_git() {
    let daemon = daemon();
    let folder = &daemon.folder;
    let config = folder.path("home/.gitconfig");
    fs::create_dir_all(folder.path("home")).unwrap();
    let before = "[credential \"https://r.example.com\"]\n\thelper = other\n";
    fs::write(&config, before).unwrap();
    done(folder, "install git --write");
    done(folder, "install git --write");
    let text = fs::read_to_string(&config).unwrap();
    assert_eq!(text, format!("{before}\thelper = oic\n"));
    done(folder, "uninstall git --write");
    assert_eq!(fs::read_to_string(&config).unwrap(), before);
}

#[test]
fn what_is_not_safe_to_write_is_shown_with_the_reason_and_how_to_undo_it() {
    let daemon = daemon();
    for (helper, how) in [
        (
            "kubernetes",
            "do this yourself:\n  kubectl config unset users.oic\n",
        ),
        ("goauth", "do this yourself:\n  go env -w GOAUTH=netrc\n"),
        ("cargo", "take it out of $CARGO_HOME/config.toml yourself\n"),
        (
            "keyring",
            "do this yourself:\n  pip config unset global.keyring-provider\n",
        ),
    ] {
        let said = done(&daemon.folder, &format!("install {helper} --write"));
        assert!(said.contains("not written, as "), "{said}");
        let undo = format!("helper uninstall {helper}");
        assert!(said.ends_with(&format!("oic-token {undo}\n")), "{said}");
        let said = done(&daemon.folder, &undo["helper ".len()..]);
        assert!(said.ends_with(how), "{said}");
    }
}

#[test]
fn settings_that_cannot_be_read_stay_as_they_are() {
    let daemon = daemon();
    let folder = &daemon.folder;
    let file = folder.path("home/.docker/config.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "{").unwrap();
    let refused = run(folder, "install docker --write");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("is not a JSON object"),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "{");
}

#[test]
fn without_an_entry_there_is_nothing_to_set_up() {
    let daemon = FakeDaemon::answering(vec![Response::End]);
    let refused = run(&daemon.folder, "install git");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("[[helper]]"), "{refused:?}");
    let list = done(&daemon.folder, "list");
    assert!(list.contains("no URL is mapped"), "{list}");
}
