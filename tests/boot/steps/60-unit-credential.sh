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
