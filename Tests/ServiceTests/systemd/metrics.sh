#!/usr/bin/env bash
# A scrape over TCP, while the service itself has no network.
source "$(dirname "$0")/lib.sh"
install_service
start
drop 3
wait_for "three are done" has_done 3
systemctl start gradcamd-metrics.socket
curl --silent --show-error --fail --max-time 20 http://127.0.0.1:9464/metrics >/run/metrics || fail "the scrape failed"
grep -q '^gradcamd_images_total{.*done.*} 3$' /run/metrics || fail "it does not count three images: $(cat /run/metrics)"

# Nothing of a scrape stays, and the service may be away.
systemctl stop gradcamd
curl --silent --max-time 20 http://127.0.0.1:9464/metrics >/run/metrics || fail "a scrape without the service failed"
none_left() { [[ -z $(systemctl list-units --no-legend --all 'gradcamd-metrics@*') ]]; }
wait_for "scrapes leave no units" none_left
