#!/usr/bin/env bash
# Runs inside a booted systemd (with-systemd.sh): the real unit with the real programs, one image, a stop.
# unit-smoke.sh PROGRAMS MODEL PICTURE
set -euo pipefail
programs=$1 model=$2 picture=$3

fail() {
    echo "unit-smoke: $*" >&2
    journalctl --unit=gradcamd --no-pager --lines=30 >&2 || true
    systemctl status gradcamd --no-pager --lines=0 >&2 || true
    exit 1
}

useradd --system --no-create-home gradcamd
install -m 755 "$programs"/{gradcamd,gradcam,gradcam-worker} /usr/bin/
install -D -m 644 "$model" /etc/gradcamd/models/model.torchscript
install -m 644 etc/gradcamd/gradcamd.yaml /etc/gradcamd/
install -d -o gradcamd -g gradcamd -m 2775 /srv/gradcamd
install -m 644 systemd/gradcamd.service /etc/systemd/system/
# A package links Swift's runtime statically; what is tested here finds it where the compiler put it.
runtime=$(ldd /usr/bin/gradcamd | sed -n 's|.*=> \(/.*\)/libswiftCore.so .*|\1|p')
install -d /etc/systemd/system/gradcamd.service.d
[[ -z $runtime ]] || printf '[Service]\nExecPaths=%s\n' "$runtime" >/etc/systemd/system/gradcamd.service.d/runtime.conf
systemctl daemon-reload

# Type=notify: returns when READY=1 came, so the inbox is watched.
systemctl start gradcamd || fail "it did not start"
install -o gradcamd -g gradcamd -m 660 "$picture" /srv/gradcamd/inbox/cat.jpg
query() { sqlite3 "file:/var/lib/gradcamd/log.db?mode=ro" "$@"; }
for ((tenth = 0; tenth < 300; tenth++)); do
    [[ $(query "SELECT state FROM log") == done ]] && break
    sleep 0.1
done
[[ $(query "SELECT state FROM log") == done ]] || fail "the image was not explained"
[[ -s $(query "SELECT overlay FROM log") ]] || fail "its overlay is not there"
systemctl show gradcamd --property=StatusText | grep -q "1 done" || fail "STATUS does not count it"
journalctl --unit=gradcamd GRADCAM_IMAGE=cat.jpg --output=json --no-pager | grep -q '"GRADCAM_STATE":"done"' ||
    fail "its journal entry has no fields"
systemctl stop gradcamd
[[ $(systemctl show gradcamd --property=Result --value) == success ]] || fail "it did not stop cleanly"
[[ $(query "SELECT exit_reason FROM run") == stopped ]] || fail "the run has no end"
