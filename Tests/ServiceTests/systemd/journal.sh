#!/usr/bin/env bash
# The journal: names byte for byte, every kind of line explained, and nothing lost under load, while nobody waits for
# journald.
source "$(dirname "$0")/lib.sh"
install_service
kind() { sed -n "s/.*case $1 = \"\(.*\)\".*/\1/p" Sources/Core/Messages/MessageKind.swift; }
lines_of() { journalctl --no-pager --output=json MESSAGE_ID="$(kind "$1")"; }

# Packages of journald limit each service, which the unit lifts for itself.
printf '[Journal]\nRateLimitIntervalSec=30s\nRateLimitBurst=500\n' >/run/systemd/journald.conf.d/zz.conf
systemctl restart systemd-journald
systemd-run --quiet --wait --unit=chatty /bin/sh -c 'i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done'
(($(journalctl --no-pager --unit=chatty --output=cat | wc -l) < 20000)) || fail "journald's limit is not at work"

install -m 644 systemd/gradcamd.catalog /usr/lib/systemd/catalog/
journalctl --update-catalog 2>/run/catalog-errors || fail "the catalogue cannot be read"
[[ ! -s /run/catalog-errors ]] || fail "the catalogue: $(cat /run/catalog-errors)"
mapfile -t kinds < <(sed -n 's/.*case .* = "\([0-9a-f]\{32\}\)".*/\1/p' Sources/Core/Messages/MessageKind.swift)
((${#kinds[@]} > 30)) || fail "the kinds were not found"
for id in "${kinds[@]}"; do
    has '^Defined-By: gradcamd$' journalctl --dump-catalog "$id" || fail "$id has no explanation"
done

start
name=$'line\nfeed\xff=.jpg'
as alice cp "$pictures/baseline.jpg" "$root/inbox/$name"
as alice cp etc/gradcamd/gradcamd.yaml "$root/inbox/letter.jpg"
wait_for "one is done" has_done 1
wait_for "one has failed" test -e $root/failed/2-letter.jpg.txt -o -e $root/failed/1-letter.jpg.txt
wait_for "both lines are there" eval '[[ -n $(lines_of imageDone) && -n $(lines_of imageFailed) ]]'
/usr/bin/python3 - "$name" "$(sha256sum <"$pictures/baseline.jpg")" <(lines_of imageDone) <(lines_of imageFailed) \
    <<'PYTHON' || fail "the fields of an image are wrong"
import json, os, sys

name = os.fsencode(sys.argv[1])
done, = (json.loads(line) for line in open(sys.argv[3]))
failed, = (json.loads(line) for line in open(sys.argv[4]))
# A field that is no text is an array of bytes (journalctl(1)).
assert bytes(done["GRADCAM_IMAGE"]) == name, done["GRADCAM_IMAGE"]
assert done["GRADCAM_SHA256"] == sys.argv[2].split()[0], done
assert done["GRADCAM_STATE"] == "done" and done["PRIORITY"] == "6" and done["GRADCAM_LABEL"], done
assert 0 < float(done["GRADCAM_SCORE"]) <= 1 and int(done["GRADCAM_MS"]) > 0, done
assert failed["GRADCAM_IMAGE"] == "letter.jpg" and failed["GRADCAM_STATE"] == "failed", failed
assert failed["GRADCAM_ERROR"] == "not_an_image" and failed["PRIORITY"] == "4", failed
assert len(failed["GRADCAM_SHA256"]) == 64 and failed["CODE_FILE"] == "Core/ImageReport.swift", failed
PYTHON
has 'gradcam retry' journalctl --no-pager -x MESSAGE_ID="$(kind imageFailed)" || fail "-x does not say what to do"

# Two lines for each command. journald stands still for some of them, and nobody but the lines waits for it.
/usr/bin/python3 "$here/journal_load.py" /run/gradcamd/control.sock 0 5000 || fail "the service did not answer"
journald=$(property MainPID systemd-journald)
kill -STOP "$journald"
/usr/bin/python3 "$here/journal_load.py" /run/gradcamd/control.sock 5000 5500 || waited=yes
kill -CONT "$journald"
[[ -z ${waited:-} ]] || fail "the service waits for journald"
last() { has '^paused: 5499$' journalctl --no-pager --unit=gradcamd --lines=20 --output=cat; }
wait_for "the last line is there" last
journalctl --no-pager --unit=gradcamd --output=cat | grep '^paused: ' >/run/paused
seq --format='paused: %.0f' 0 5499 | cmp - /run/paused || fail "lines are lost, or not in order"
asked=$(journalctl --no-pager --output=cat MESSAGE_ID="$(kind commandGiven)" GRADCAM_USER=0 | wc -l)
[[ $asked == 5500 ]] || fail "$asked lines of who asked instead of 5500"

# The last line before the end, and why it ended.
systemctl stop gradcamd
[[ -n $(lines_of stopped) ]] || fail "that it stopped is not told"
echo "root: nowhere" >>/etc/gradcamd/gradcamd.yaml
! systemctl start gradcamd 2>/dev/null || fail "it starts with wrong settings"
lines_of ended | /usr/bin/python3 -c '
import json, sys
line, = map(json.loads, sys.stdin)
assert line["EXIT_STATUS"] == "78" and line["PRIORITY"] == "3" and "root" in line["MESSAGE"], line
' || fail "why it ended is not told"
