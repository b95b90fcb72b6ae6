#!/usr/bin/env bash
# Who reads what: members of the group the log, at any time, and the overlays; others nothing.
source "$(dirname "$0")/lib.sh"
install_service

reads() {
    as alice sqlite3 "file:$log?mode=ro" "SELECT count(*) FROM log" >/run/answer 2>&1 ||
        fail "a member cannot read the log $1: $(cat /run/answer)"
    ! as mallory sqlite3 "file:$log?mode=ro" "SELECT count(*) FROM log" 2>/dev/null || fail "others can read the log $1"
}

start
drop 40
reads "when nothing is done"
wait_for "some are done" has_done 5
for ((round = 0; round < 20; round++)); do reads "while it is written"; done
[[ $(count) -lt 40 ]] || fail "it was read after the last row was written: that proves nothing"
kill -KILL "$(property MainPID)"
reads "after kill -9"
wait_for "all images are done" has_done 40
systemctl stop gradcamd
reads "after a clean stop"

overlay=$(query "SELECT overlay FROM log LIMIT 1")
as alice cmp --silent "$overlay" "$overlay" || fail "a member cannot read overlays"
as mallory test ! -r "$overlay" || fail "others can read overlays"
! as mallory ls $root 2>/dev/null || fail "others can look into $root"

start
as alice gradcam status >/dev/null || fail "a member cannot ask the service"
! as mallory gradcam status 2>/dev/null || fail "others can ask the service"
