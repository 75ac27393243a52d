# a daemon without a profile says that 'oic-token setup' makes one, and stays down
fails 78 jane oic-tokend
has "$said" "/etc/oic-tokend/config.toml: no profile"
has "$said" "'oic-token setup' writes one"

fails 1 systemctl start oic-tokend
is "the end" "$(systemctl show --property Result,NRestarts,ExecMainStatus --value oic-tokend | xargs)" \
    "exit-code 0 78"
has "$(journalctl --unit oic-tokend --output cat)" "'oic-token setup' writes one"

# Whoever asks is not left waiting, however many do.
for _ in {1..30}; do
    fails 1 oic-token get
    has "$said" "its log says why"
done
is "the socket" "$(systemctl is-active oic-tokend.socket)" active

# A user is told that it is another's, and setup (below) is not in its way.
fails 6 jane oic-token get
