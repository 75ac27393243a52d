# what came with the tarball is removed again
oic-token logout --all
jane oic-token logout --all
jane oic-token service uninstall
systemctl disable --now oic-tokend.socket oic-tokend.service oic-tokend-egress@127.0.0.1:8080.socket
tar -tzf /boot-test/this.tar.gz | sed -n 's,^[^/]*/\(.*[^/]\)$,/usr/local/\1,p' | xargs rm
systemctl daemon-reload
rm -r /etc/oic-tokend /var/lib/oic-tokend
is "what is left" "$(find /usr/local -name '*oic*' ! -type d)" ""
is "what is left of links" "$(find /etc/systemd -name 'oic-tokend*')" ""
