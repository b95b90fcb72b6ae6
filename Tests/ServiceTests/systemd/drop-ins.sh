#!/usr/bin/env bash
# The drop-ins that are shipped: without memory that can be written and run, images are explained all the same, without
# oneDNN; the limits for large images are ones that the service takes.
source "$(dirname "$0")/lib.sh"
install_service
install -m 644 systemd/drop-ins/without-jit.conf /etc/systemd/system/gradcamd.service.d/
systemctl daemon-reload
start
as alice cp "$pictures/baseline.jpg" $root/inbox/
wait_for "an image is done without oneDNN" has_done 1
[[ $(query "SELECT cpu_capability FROM run") == *" without oneDNN" ]] || fail "the run does not say that oneDNN is off"
rm /etc/systemd/system/gradcamd.service.d/without-jit.conf

install -m 644 systemd/drop-ins/large-images.conf /etc/systemd/system/gradcamd.service.d/
systemctl daemon-reload
systemctl restart gradcamd || fail "it does not start with large-images.conf"
worker=$(pgrep --parent "$(property MainPID)" --full gradcam-worker)
has '--max-pixels 1073741824 ' ps --format args --width 1000 --pid "$worker" || fail "the worker has other limits"
[[ $(query "SELECT cpu_capability FROM run ORDER BY id DESC LIMIT 1") != *without* ]] || fail "oneDNN is off by default"
