# purging forgets the sessions of the system service
oic-token logout --all
test -d /var/lib/oic-tokend
apt-get purge oic-tokend
test ! -e /var/lib/oic-tokend
test ! -e /etc/oic-tokend/config.toml
test ! -e /run/oic-tokend
is "what is left of links" "$(find /etc/systemd -name 'oic-tokend*')" ""
