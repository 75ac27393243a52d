# a session in memory only outlives restart and kill without a request, and where it cannot, that is said
memory_only_profile memory
systemctl reload oic-tokend
sign_in system login memory
token=$(system get memory)
asked=$(requests)

systemctl restart oic-tokend
is "the token after a restart" "$(system get memory)" "$token"
kill -KILL "$(pid oic-tokend)"
is "the token after a kill" "$(system get memory)" "$token"
is "the requests that this costs" "$(requests)" "$asked"
is "what is on the disk" "$(grep -rl memory /var/lib/oic-tokend || true)" ""
has "$(system status memory)" "kept in memory only: by systemd over a restart"

# Without the store.
drop_in=/run/systemd/system/oic-tokend.service.d
mkdir -p $drop_in
printf '[Service]\nFileDescriptorStoreMax=0\n' >$drop_in/no-store.conf
systemctl daemon-reload
systemctl restart oic-tokend
fails 3 system get memory
# It takes what it is given, and says nothing.
has "$(system status memory)" "where systemd has FileDescriptorStoreMax= for it"
has "$(journalctl --output cat --unit oic-tokend --lines 20)" "if systemd has FileDescriptorStoreMax="
rm -r $drop_in
systemctl daemon-reload
systemctl restart oic-tokend
