# a reload takes a good configuration, and refuses a bad one
for config in /etc/oic-tokend/config.toml /home/jane/.config/oic-tokend/config.toml; do
    cp -p $config $config.good
    echo 'domian = "https://id.example.com"' >>$config
done
fails 1 systemctl reload oic-tokend
fails 1 jane systemctl --user reload oic-tokend
test -n "$(as john oic-token get)"
test -n "$(jane oic-token get)"
for config in /etc/oic-tokend/config.toml /home/jane/.config/oic-tokend/config.toml; do
    mv $config.good $config
done
systemctl reload oic-tokend
jane systemctl --user reload oic-tokend
test -n "$(as john oic-token get)"
