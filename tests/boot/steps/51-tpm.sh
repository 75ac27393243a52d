# sessions are sealed with a key that systemd decrypts by the TPM, and not without
tpm() {
    systemd-run --quiet --unit boot-test-tpm --property Type=exec \
        swtpm socket --tpm2 --tpmstate dir=/run/tpm --flags not-need-init,startup-clear \
        --server type=tcp,port=2321 --ctrl type=tcp,port=2322
    eventually bash -c ': >/dev/tcp/127.0.0.1/2322'
}
mkdir -p /run/tpm
tpm
export SYSTEMD_TPM2_DEVICE=swtpm:host=127.0.0.1,port=2321

# The same key, encrypted anew.
key=/etc/credstore.encrypted/oic-tokend.session-key
cp $key /run/by-host
systemd-creds --name=oic-tokend.session-key decrypt /run/by-host - |
    systemd-creds --with-key=tpm2 --name=oic-tokend.session-key encrypt - $key
sealed_by_credential

systemctl stop boot-test-tpm
fails 1 systemctl restart oic-tokend
is "what is missing" "$(systemctl show --property ExecMainStatus --value oic-tokend)" 243
tpm
test -n "$(as john oic-token get)"

# This TPM has no resource manager, and is full after a few starts.
cp /run/by-host $key
sealed_by_credential
