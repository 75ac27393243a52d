# status, doctor, metrics and journal say how the services are
oic-token status --check
has "$(oic-token status --json)" '"state":"signed_in"'
has "$(oic-token metrics)" "oic_tokend_access_token_expires_in_seconds"
oic-token doctor
has "$(systemctl status oic-tokend)" "signed in: sim"
has "$(journalctl --unit oic-tokend OIC_PROFILE=sim)" "signed in"
journalctl --unit oic-tokend --priority warning
systemctl show --property NRestarts oic-tokend
