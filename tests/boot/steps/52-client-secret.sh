# a confidential client's secret is one that systemd decrypts
echo sim-secret | systemd-creds --with-key=host --name=oic-tokend.client-secret encrypt - \
    /etc/credstore.encrypted/oic-tokend.client-secret
cat >>/etc/oic-tokend/config.toml <<END

[profile.confidential]
domain = "$SIM"
client_id = "c0ffee00c0ffee00c0ffee00c0ffee00"
client_secret_file = "oic-tokend.client-secret"
scopes = ["$SCOPE"]
END
sed -i '1i default_profile = "sim"' /etc/oic-tokend/config.toml
systemctl restart oic-tokend
sign_in system login confidential
test -n "$(system get confidential --force)"
# Who checks is not the service, and does not get the secret.
oic-tokend --check-config --config /etc/oic-tokend/config.toml
systemctl reload oic-tokend
test -n "$(system get confidential --force)"
