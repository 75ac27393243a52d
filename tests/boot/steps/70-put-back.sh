# a session that was put back is not renewed, unless the configuration says so
put_back() {
    systemctl disable --now oic-tokend.socket oic-tokend.service
    cp -a /var/lib/oic-tokend /var/lib/put-back
    rm -r /var/lib/oic-tokend
    mv /var/lib/put-back /var/lib/oic-tokend
    systemctl enable --now oic-tokend.socket oic-tokend.service
}
put_back
fails 3 system get sim --force
has "$said" "copy"
approve_all
oic-token login --all
system get sim --force >/dev/null

put_back
sed -i '1i copied_sessions = "use"' /etc/oic-tokend/config.toml
systemctl restart oic-tokend
system get sim --force >/dev/null
sed -i 1d /etc/oic-tokend/config.toml
systemctl restart oic-tokend
system get sim --force >/dev/null
