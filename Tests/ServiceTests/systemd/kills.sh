#!/usr/bin/env bash
# kill -9 of a worker and of the service, and a service that hangs, all under load: nothing is lost, nothing twice.
source "$(dirname "$0")/lib.sh"
install_service
drop_in impatient <<<'WatchdogSec=2s
RestartSec=100ms'
start

worker() { pgrep --parent "$(property MainPID)" --full gradcam-worker; }
is_back_after() { (($(property NRestarts) >= $1)) && [[ $(property ActiveState) == active ]]; }
has_other_worker() { [[ $(worker) != "$killed" ]] && worker; }

drop 30
wait_for "some are done" has_done 5
killed=$(worker)
kill -KILL "$killed"
wait_for "there is a new worker" has_other_worker

before=$(count)
kill -KILL "$(property MainPID)"
wait_for "systemd started it anew" is_back_after 1
((before < 30)) || fail "it was killed after all work was done: that proves nothing"

drop 30 31
wait_for "some more are done" has_done $((before + 5))
kill -STOP "$(property MainPID)"
wait_for "the watchdog noticed that it hangs" is_back_after 2
has "Watchdog timeout" journalctl --unit=gradcamd --no-pager || fail "it was not the watchdog"

wait_for "all images are done" has_done 60
everything_once 60
