# whoever asks while the user service restarts is answered
callers=()
for _ in 1 2 3; do
    jane systemctl --user restart oic-tokend &
    restart=$!
    for _ in {1..20}; do
        jane oic-token get >/dev/null &
        callers+=($!)
    done
    wait $restart
done
for caller in "${callers[@]}"; do
    wait "$caller"
done
