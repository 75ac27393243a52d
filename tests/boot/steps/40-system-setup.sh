# the system service gives a user of its own 'allow' a token, and nobody else
oic-token setup --config /etc/oic-tokend/config.toml --no-login sim \
    --domain $SIM --client-id $CLIENT --scope "$SCOPE" --yes
echo 'allow = { users = ["john"] }' >>/etc/oic-tokend/config.toml
oic-tokend --check-config --config /etc/oic-tokend/config.toml
systemctl enable --now oic-tokend-egress@127.0.0.1:8080.socket oic-tokend.socket oic-tokend.service
systemctl reload oic-tokend
sign_in oic-token login
test -n "$(oic-token get)"
is "the user of the service" "$(stat -c %U "/proc/$(pid oic-tokend)")" oic-tokend
test -n "$(as john oic-token get)"
fails 6 jane oic-token --socket /run/oic-tokend/socket get
