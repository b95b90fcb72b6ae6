#!/usr/bin/env bash
# A stop under load: what is in work is finished, the rest stays, and all of it within ten seconds, or systemd kills it
# and says so.
source "$(dirname "$0")/lib.sh"
install_service
drop_in ten-seconds <<<TimeoutStopSec=10s
start
drop 40
wait_for "some are done" has_done 5
systemctl stop gradcamd
[[ $(property Result) == success ]] || fail "it did not stop in time: $(property Result)"
(($(count) < 40)) || fail "it was stopped after all work was done: that proves nothing"
[[ $(query "SELECT exit_reason FROM run") == stopped ]] || fail "the run has no end"
pgrep --full gradcam-worker && fail "a worker outlived it"

start
wait_for "the others are done" has_done 40
everything_once 40
