# What steps are written with.

# Longest that anything is waited for, in seconds.
WAIT_MAX=20

SIM=http://127.0.0.1:8080
CLIENT=6b0c1d2e3f405162738495a6b7c8d9e0
SCOPE=https://20D53A0B1C2D4E5F8091A2B3C4D5E6F7.integration.us-ashburn-1.ocp.oraclecloud.com:443urn:opc:resource:consumer::all

# Jane, with a service manager of her own, and an identity domain.
prepare() {
    # Nobody is there to be asked.
    echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/99yes
    useradd --create-home --shell /bin/bash jane
    useradd --create-home --shell /bin/bash john
    loginctl enable-linger jane
}

# After each boot.
await_boot() {
    systemctl start boot-test-sim.service
    eventually curl -fsS --output /dev/null $SIM/control/log
    eventually jane systemctl --user --quiet is-active default.target
}

# as USER COMMAND…: as if USER had typed it.
as() {
    local user=$1
    shift
    setpriv --reuid "$user" --regid "$user" --init-groups --reset-env \
        env --chdir="/home/$user" XDG_RUNTIME_DIR="/run/user/$(id -u "$user")" "$@"
}
jane() { as jane "$@"; }

# eventually COMMAND…: waits until it succeeds; says what it said if it never
# does.
eventually() {
    local end=$((SECONDS + WAIT_MAX)) said
    until said=$("$@" 2>&1); do
        if [ $SECONDS -ge $end ]; then
            echo "not within $WAIT_MAX s: $*: $said"
            return 1
        fi
        sleep 0.1
    done
}

# is WHAT FOUND EXPECTED
is() {
    [ "$2" = "$3" ] || {
        echo "$1 is '$2', not '$3'"
        exit 1
    }
}

# fails CODE COMMAND…: with this exit code; what it said is in $said.
fails() {
    local code=$1 found=0
    shift
    said=$("$@" 2>&1) || found=$?
    is "the exit code of '$*' ($said)" "$found" "$code"
}

# has TEXT PART
has() {
    case $1 in
        *"$2"*) ;;
        *)
            echo "'$1' does not have '$2'"
            exit 1
            ;;
    esac
}

skip() {
    echo "$*"
    exit 77
}

# sign_in LOGIN…: a login by this command, which Jane approves.
sign_in() {
    "$@" --no-browser --json | {
        read -r prompt
        curl -fsS --output /dev/null --data "user_code=$(member user_code "$prompt")" \
            --data user=jane.doe@example.com $SIM/control/approve
        has "$(cat)" '"event":"signed_in"'
    }
}

# From here on Jane approves every login at once.
approve_all() {
    curl -fsS --output /dev/null --data name=auto_approve --data value=jane.doe@example.com \
        $SIM/control/knob
}

# member NAME JSON: the text of the first member of this name.
member() {
    sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$2"
}

# How often a refresh token was used so far.
refreshes() {
    curl -fsS $SIM/control/log | { grep -o '"grant_type":"refresh_token"' || true; } | wc -l
}

# Its number.
systemd_version() {
    systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p'
}

# How often the identity domain was asked anything so far.
requests() {
    curl -fsS $SIM/control/log | { grep -o '"endpoint":' || true; } | wc -l
}

# memory_only_profile NAME: one more profile of the system service.
memory_only_profile() {
    cat >>/etc/oic-tokend/config.toml <<END

[profile.$1]
domain = "$SIM"
client_id = "$CLIENT"
scopes = ["$SCOPE"]
store = "memory-only"
END
}

# The process of a unit that runs; of Jane's with --user.
pid() {
    local found
    case ${2-} in
        --user) found=$(jane systemctl --user show --property MainPID --value "$1") ;;
        *) found=$(systemctl show --property MainPID --value "$1") ;;
    esac
    [ "$found" != 0 ] || {
        echo "$1 does not run" >&2
        return 1
    }
    echo "$found"
}

# The system service, whatever the caller's own is.
system() {
    oic-token --socket /run/oic-tokend/socket "$@"
}

# sealed_by_credential: the system service has its session, sealed so.
sealed_by_credential() {
    systemctl restart oic-tokend
    test -n "$(as john oic-token get)"
    has "$(system status)" "the credential 'oic-tokend.session-key'"
}
