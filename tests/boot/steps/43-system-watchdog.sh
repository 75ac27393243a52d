# a system service that hangs is killed by the watchdog, and who waits is answered
drop_in=/run/systemd/system/oic-tokend.service.d
mkdir -p $drop_in
printf '[Service]\nWatchdogSec=2\n' >$drop_in/watchdog.conf
systemctl daemon-reload
systemctl restart oic-tokend
before=$(pid oic-tokend)
kill -STOP "$before"
test -n "$(as john oic-token get)"
[ "$(pid oic-tokend)" != "$before" ]
has "$(journalctl --output cat --unit oic-tokend)" "Watchdog timeout"
rm -r $drop_in
systemctl daemon-reload
systemctl restart oic-tokend
