# sessions are sealed with a key that systemd decrypts by the key of the machine
head -c 32 /dev/urandom | systemd-creds --with-key=host --name=oic-tokend.session-key encrypt - /etc/credstore.encrypted/oic-tokend.session-key
sed -i '1i session_key = "credential:oic-tokend.session-key"' /etc/oic-tokend/config.toml
sealed_by_credential
systemctl restart oic-tokend
oic-token status
