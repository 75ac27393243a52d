# the tarball does without a package manager
tar -C /usr/local --strip-components=1 -xzf /boot-test/this.tar.gz
systemd-sysusers
systemd-tmpfiles --create
systemctl daemon-reload
jane systemctl --user daemon-reload

approve_all
jane oic-token setup sim --domain $SIM --client-id $CLIENT --scope "$SCOPE" --yes
is "the unit" "$(jane systemctl --user show --property FragmentPath --value oic-tokend)" \
    /usr/local/lib/systemd/user/oic-tokend.service
test -n "$(jane oic-token get)"

oic-token setup --config /etc/oic-tokend/config.toml --no-login sim \
    --domain $SIM --client-id $CLIENT --scope "$SCOPE" --yes
systemctl enable --now oic-tokend-egress@127.0.0.1:8080.socket oic-tokend.socket
oic-token login
test -n "$(oic-token get)"

# An upgrade.
tar -C /usr/local --strip-components=1 -xzf /boot-test/this.tar.gz
systemctl daemon-reload
systemctl try-restart oic-tokend
jane systemctl --user try-restart oic-tokend
test -n "$(oic-token get)"

# Names of users and groups, by whichever C library the daemon has.
echo 'allow = { users = ["daemon"], groups = ["app"] }' >>/etc/oic-tokend/config.toml
systemctl reload oic-tokend
test -n "$(as john oic-token get)"
fails 6 jane oic-token --socket /run/oic-tokend/socket get
