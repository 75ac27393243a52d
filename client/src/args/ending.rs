//! What stands below the help of each command: what people type, and what the
//! exit codes mean. A line for copying is four spaces in: it is never broken.

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0  done
  1  any other failure
  2  wrong usage
  3  login required: run 'oic-token login PROFILE'
  4  no daemon at the socket
  5  try again later: no valid access token, and the authorization server is
     unreachable, throttling or failing
  6  this caller may not have this profile
  7  no such profile
  8  the authorization server issues no access tokens that are valid for as
     long as --min-valid asks; what is left is printed on stderr
  9  the daemon's sessions are locked: run 'oic-token unlock'"
    };
}

macro_rules! with_codes {
    ($examples:literal) => {
        concat!("Examples:\n", $examples, "\n", exit_codes!())
    };
}

macro_rules! of_program {
    ($examples:literal) => {
        concat!(
            "Examples:\n",
            $examples,
            "\n\
Exit code: that of the program, or 128 and the number of the signal that killed
it. Where it was not started: as for 'oic-token get'."
        )
    };
}

/// What each exit code means.
#[cfg(test)]
pub const EXIT_CODES: &str = exit_codes!();

pub(super) const ALL: &str = with_codes!(
    "  from nothing to a first access token
    oic-token setup
  every day
    oic-token login
    oic-token status
    oic-token get --format header | curl -H @- https://api.example.com/
  when something does not work
    oic-token doctor
"
);

pub(super) const SETUP: &str = with_codes!(
    "  asked and checked step by step
    oic-token setup
  one more profile, named 'test'
    oic-token setup test
  by a script, which nobody answers
    oic-token setup --domain URL --client-id ID --scope SCOPE --yes
"
);

pub(super) const LOGIN: &str = with_codes!(
    "  the default profile, or another one
    oic-token login
    oic-token login test
  every profile that needs it
    oic-token login --all
  on a screen that others see
    oic-token login --no-browser --no-qr
"
);

pub(super) const GET: &str = with_codes!(
    "  the token stays out of every argument list
    oic-token get --format header | curl -H @- https://api.example.com/
    oic-token get --format curl | curl -K - https://api.example.com/
  for a job of ten minutes
    oic-token get --min-valid 600
  in a script
    token=$(oic-token get prod) || exit
"
);

pub(super) const CURL: &str = of_program!(
    "  the default profile, or another one
    oic-token curl -- https://api.example.com/hello
    oic-token curl test -- --json '{\"a\": 1}' https://api.example.com/
"
);

pub(super) const EXEC: &str = of_program!(
    "  a program that takes the token from its environment
    oic-token exec -- ./deploy.sh
    # in deploy.sh: $OIC_ACCESS_TOKEN
  a job that outlives a token reads it anew from the file
    oic-token exec test -- ./job.sh
    # in job.sh: token=$(cat \"$BEARER_TOKEN_FILE\")
"
);

pub(super) const STATUS: &str = with_codes!(
    "  a table, once or live
    oic-token status
    oic-token status --watch
  for monitoring: is there a token for everybody?
    oic-token status --check
  for scripts
    oic-token status --json | jq -r '.profiles[].state'
"
);

pub(super) const INSPECT: &str = with_codes!(
    "  who is in the token, for whom, until when
    oic-token inspect
    oic-token inspect test --json | jq .claims.sub
"
);

pub(super) const LOGOUT: &str = with_codes!(
    "  the default profile, another one, or all of them
    oic-token logout
    oic-token logout test
    oic-token logout --all
"
);

pub(super) const DOCTOR: &str = with_codes!(
    "  everything between here and an access token
    oic-token doctor
  and whether an integration takes it
    oic-token doctor prod --url https://api.example.com/hello
"
);

pub(super) const METRICS: &str = with_codes!(
    "  for node_exporter's textfile collector
    oic-token metrics > oic.tmp && mv oic.tmp oic-token.prom
"
);

pub(super) const REJECT: &str = with_codes!(
    "  after a 401
    printf %s \"$token\" | oic-token reject prod
    token=$(oic-token get prod)
"
);

pub(super) const UNLOCK: &str = with_codes!(
    "  on a terminal, which asks; or from a file
    oic-token unlock
    oic-token unlock < passphrase
"
);

pub(super) const SERVICE: &str = with_codes!(
    "  from login on, and at once
    oic-token service install
  not any more
    oic-token service uninstall
"
);
