# the system service keeps a token file that a group may read
groupadd app
usermod --append --groups app john
install --directory --owner oic-tokend --group app --mode 2750 /run/app
drop_in=/run/systemd/system/oic-tokend.service.d
mkdir -p $drop_in
printf '[Service]\nReadWritePaths=/run/app\n' >$drop_in/token-file.conf
systemctl daemon-reload
cp -p /etc/oic-tokend/config.toml /etc/oic-tokend/config.toml.good
cat >>/etc/oic-tokend/config.toml <<END

[profile.sim.file]
path = "/run/app/token"
group = "app"
END
systemctl restart oic-tokend
eventually test -s /run/app/token
is "the file" "$(stat -c '%U %G %a' /run/app/token)" "oic-tokend app 640"
is "the token that a member reads" "$(as john cat /run/app/token)" "$(system get sim)"
fails 1 jane cat /run/app/token

# Where the folder does not give it the group, nobody may.
chmod g-s /run/app
systemctl restart oic-tokend
eventually bash -c 'oic-token --socket /run/oic-tokend/socket status sim | grep -F "chmod g+s /run/app"'

mv /etc/oic-tokend/config.toml.good /etc/oic-tokend/config.toml
rm -r $drop_in /run/app
systemctl daemon-reload
systemctl restart oic-tokend
