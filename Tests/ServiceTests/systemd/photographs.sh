#!/usr/bin/env bash
# A start, twenty pictures of many formats, what systemctl and the journal say of them, a stop.
source "$(dirname "$0")/lib.sh"
install_service
# A machine whose journal drops nearly everything: the lines of images are not to be lost, whatever the default says.
printf '[Journal]\nRateLimitIntervalSec=30s\nRateLimitBurst=1\n' >/run/systemd/journald.conf.d/zz-stingy.conf
systemctl restart systemd-journald
start
[[ $(property ActiveState) == active ]] || fail "it is not active"
has 'Status: "' systemctl status gradcamd --no-pager || fail "systemctl status has no STATUS line"

mapfile -t chosen < <(printf '%s\n' "$pictures"/{baseline,progressive,grey,cmyk,restarts,orientation-6}.jpg \
    "$pictures"/{rgb,rgba,grey16,palette,bilevel}.png "$pictures"/{lossy,lossless,alpha}.webp \
    "$pictures"/{lzw,tiled,planar,big-endian}.tif "$pictures"/{rgb,top-down}.bmp)
((${#chosen[@]} == 20)) || fail "twenty pictures were meant"
as alice cp "${chosen[@]}" $root/inbox/
wait_for "twenty images are done" has_done 20
everything_once 20
wait_for "STATUS counts them" has 'Status: ".*20 done' systemctl status gradcamd --no-pager

# STATUS counts an image after its line was sent.
journalctl --unit=gradcamd GRADCAM_STATE=done --output=json --no-pager >/run/lines
/usr/bin/python3 - /run/lines "${chosen[@]##*/}" <<'PYTHON' || fail "the journal's lines lack something"
import json, sys

lines = [json.loads(line) for line in open(sys.argv[1])]
images = sorted(line["GRADCAM_IMAGE"] for line in lines)
assert images == sorted(sys.argv[2:]), f"one line for each image: {images}"
for line in lines:
    fields = ["ID", "ATTEMPT", "LABEL", "SCORE", "MS", "SHA256", "OVERLAY"]
    missing = [field for field in fields if not line.get("GRADCAM_" + field)]
    assert not missing, f"{line['MESSAGE']} lacks {missing}"
    assert line["PRIORITY"] == "6", "a line of an image is information"
    assert line["MESSAGE_ID"] and line["CODE_FILE"] and line["CODE_LINE"], line
PYTHON

systemctl stop gradcamd
[[ $(property Result) == success ]] || fail "it did not stop cleanly"
[[ $(query "SELECT exit_reason FROM run") == stopped ]] || fail "the run has no end"
