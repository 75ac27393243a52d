# with the drop-in for newer systemds a reload waits for the daemon, and a stop keeps sessions
[ "$(systemd_version)" -ge 254 ] || skip "systemd $(systemd_version) is older"
drop_in=/etc/systemd/system/oic-tokend.service.d
mkdir -p $drop_in
cp /usr/share/doc/oic-tokend/systemd/newer-systemd.conf $drop_in
systemctl daemon-reload
systemctl restart oic-tokend
is "the type" "$(systemctl show --property Type --value oic-tokend)" notify-reload

config=/etc/oic-tokend/config.toml
cp -p $config $config.good
memory_only_profile kept
systemctl reload oic-tokend
# Who asks right after it asks the new configuration.
sign_in system login kept
token=$(system get kept)
asked=$(requests)
systemctl stop oic-tokend
is "the token after a stop" "$(system get kept)" "$token"
is "the requests that a stop costs" "$(requests)" "$asked"

before=$(pid oic-tokend)
echo 'domian = "https://id.example.com"' >>$config
systemctl reload oic-tokend
has "$(journalctl --output cat --unit oic-tokend --lines 5)" "domian"
is "the daemon" "$(pid oic-tokend)" "$before"
is "the token after a refused reload" "$(system get kept)" "$token"

system logout kept
mv $config.good $config
rm -r $drop_in
systemctl daemon-reload
systemctl restart oic-tokend
