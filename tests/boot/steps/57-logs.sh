# the log has fields in the journal, is JSON by setting, and has levels by module
get() {
    test -n "$(as john oic-token get)"
}
# since CURSOR WORDS…: what the service has logged since, as journalctl shows it.
since() {
    local cursor=$1
    shift
    journalctl --sync
    journalctl --unit oic-tokend --after-cursor "$cursor" "$@"
}
cursor() {
    journalctl --sync
    journalctl --lines 0 --show-cursor | sed -n 's/^-- cursor: //p'
}

from=$(cursor)
get
handed_out() {
    since "$from" --output json | grep -F '"OIC_PROFILE":"sim"'
}
eventually handed_out
line=$(handed_out | head -n 1)
# An INFO is a notice, a DEBUG is what systemd calls informational.
is "the priority of a hand-out" "$(member PRIORITY "$line")" 5
is "who got it" "$(member OIC_UID "$line")" "$(id -u john)"

drop_in=/run/systemd/system/oic-tokend.service.d
mkdir -p $drop_in
printf '[Service]\nEnvironment=OIC_TOKEND_LOG_FORMAT=json OIC_TOKEND_LOG=warn,oic_tokend::fence=debug,oic_tokend::audit=info\n' \
    >$drop_in/log.conf
systemctl daemon-reload
from=$(cursor)
systemctl restart oic-tokend
get
written_down() {
    since "$from" --output cat | grep -F '"target":"oic_tokend::audit"'
}
eventually written_down
# Of the one that was started, and not of systemd.
run=$(systemctl show --property InvocationID --value oic-tokend)
log=$(since "$from" --output cat _COMM=oic-tokend _SYSTEMD_INVOCATION_ID="$run")
has "$log" '"level":"debug","target":"oic_tokend::fence"'
has "$log" '"profile":"sim"'
# Whatever else it would say at 'info' is left out, and every line is an object.
fails 1 grep -F '"level":"info","target":"oic_tokend::profile' <<<"$log"
fails 1 grep -v '^{.*}$' <<<"$log"

rm $drop_in/log.conf
systemctl daemon-reload
systemctl restart oic-tokend
