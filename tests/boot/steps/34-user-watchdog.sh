# a user service that hangs is killed by the watchdog, and who waits is answered
drop_in=/run/user/1000/systemd/user/oic-tokend.service.d
jane mkdir -p $drop_in
printf '[Service]\nWatchdogSec=2\n' | jane tee $drop_in/watchdog.conf >/dev/null
jane systemctl --user daemon-reload
jane systemctl --user restart oic-tokend
before=$(pid oic-tokend --user)
kill -STOP "$before"
test -n "$(jane oic-token get)"
[ "$(pid oic-tokend --user)" != "$before" ]
has "$(journalctl --output cat _SYSTEMD_USER_UNIT=oic-tokend.service + USER_UNIT=oic-tokend.service)" \
    "Watchdog timeout"
rm -r $drop_in
jane systemctl --user daemon-reload
jane systemctl --user restart oic-tokend
