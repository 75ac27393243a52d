# a unit with DynamicUser= loads its token by LoadCredential= from our socket
cat >>/etc/oic-tokend/config.toml <<END

[credentials.units]
"report.service" = "sim"
END
systemctl restart oic-tokend
cat >/run/systemd/system/report.service <<END
[Service]
Type=oneshot
DynamicUser=yes
LoadCredential=token:/run/oic-tokend/credentials
ExecStartPre=test -s %d/token
ExecStart=sh -c 'id -un; cat %d/token'
END
systemctl daemon-reload
systemctl start report.service
said=$(journalctl --output cat --unit report.service)
has "$said" "$(system get sim)"
has "$said" report

# With a socket of systemd's for it, a unit that starts first starts the daemon.
systemctl stop oic-tokend.service
systemctl enable --now oic-tokend-credentials.socket
is "the socket" "$(stat -c '%U %a' /run/oic-tokend/credentials)" "root 600"
since=$(date +%s)
systemctl start report.service
is "the service" "$(systemctl is-active oic-tokend)" active
has "$(journalctl --output cat --unit report.service --since="@$since")" "$(system get sim)"
