//! What only the user can tell a program.

use super::advice::{Advice, in_file};

/// kubectl has a user for each cluster.
pub(super) fn kubernetes() -> Vec<Advice> {
    let command = "kubectl config set-credentials oic \
                   --exec-api-version=client.authentication.k8s.io/v1 \
                   --exec-command=oic-token --exec-arg=helper --exec-arg=kubernetes \
                   --exec-interactive-mode=Never --exec-provide-cluster-info=true";
    vec![
        Advice::copy(command),
        Advice::copy("kubectl config set-context --current --user=oic"),
    ]
}

/// GOAUTH is one list for all hosts.
pub(super) fn goauth() -> Vec<Advice> {
    vec![Advice::copy(
        "go env -w GOAUTH='oic-token helper goauth; netrc'",
    )]
}

/// Only the user knows the name of a registry.
pub(super) fn cargo() -> Vec<Advice> {
    let lines = [
        "[registries.NAME]",
        "credential-provider = [\"cargo-credential-oic\"]",
    ];
    in_file(
        "$CARGO_HOME/config.toml (~/.cargo/config.toml), NAME being the registry's",
        &lines.map(str::to_owned),
    )
}

/// pip and uv have many places for their settings.
pub(super) fn keyring() -> Vec<Advice> {
    vec![
        Advice::copy("pip config set global.keyring-provider subprocess"),
        Advice::copy("export UV_KEYRING_PROVIDER=subprocess"),
    ]
}
