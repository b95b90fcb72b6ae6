#!/usr/bin/env bash
# What the timer starts, run once beside the working service; and the timer itself.
source "$(dirname "$0")/lib.sh"
install_service
start
drop 10
wait_for "some are done" has_done 1
systemctl start gradcamd-maintenance || fail "maintenance failed: $(journalctl --unit=gradcamd-maintenance --no-pager)"
wait_for "all are done" has_done 10
everything_once 10
copy=$(find /var/lib/gradcamd/backup -name 'log-*.db')
[[ -n $copy && $(sqlite3 "file:$copy?mode=ro" "PRAGMA integrity_check") == ok ]] || fail "there is no sound copy of the log"
! as mallory test -r "$copy" || fail "others can read the copy"
systemctl enable --quiet --now gradcamd-maintenance.timer
[[ $(property NextElapseUSecRealtime gradcamd-maintenance.timer) == *"03:"* ]] || fail "the timer does not wait for the night"

# Also while nothing runs.
systemctl stop gradcamd
systemctl start gradcamd-maintenance || fail "maintenance failed without the service"
