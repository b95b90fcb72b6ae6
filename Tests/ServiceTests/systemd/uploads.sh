#!/usr/bin/env bash
# What people of the group drop, the service reads, moves and attributes; what it may not read it names; and a file that
# another user still writes is seen as open.
source "$(dirname "$0")/lib.sh"
install_service
start
photograph=$pictures/baseline.jpg
alice=$(id --user alice)
state() { query "SELECT state FROM log WHERE name = '$1'"; }
is_done() { [[ $(state "$1") == done ]]; }
why() { gradcam why "$root/inbox/$1"; }

# The usual mode and a usual umask, in a folder of the uploader's own.
as alice bash -c "umask 022 && mkdir $root/inbox/scans && cp $photograph $root/inbox/scans/copied.jpg"
wait_for "a copy of a member is done" is_done scans/copied.jpg
[[ $(query "SELECT owner FROM arrival") == "$alice" ]] || fail "the log does not name the uploader"
as alice test -r "$(find $root/done -name '*copied.jpg')" || fail "members cannot read originals"
! as mallory cp "$photograph" $root/inbox/ 2>/dev/null || fail "others can drop files"

# A mode that keeps everybody out.
as alice install -m 600 "$pictures/grey.jpg" $root/inbox/private.jpg
wait_for "why names the mode" bash -c "gradcam why $root/inbox/private.jpg | grep 'mode 0600, owner $alice'"
as alice chmod g+r $root/inbox/private.jpg
wait_for "it is taken once it can be read" is_done private.jpg

# Whole, quiet, and yet in the hands of a writer: only a lease tells. The other file is dropped later and gets through.
as alice bash -c "exec 9>$root/inbox/open.jpg; cat $pictures/cmyk.jpg >&9; exec sleep infinity" &
wait_for "it is seen as open" bash -c "gradcam why $root/inbox/open.jpg | grep 'open for writing'"
as alice cp "$pictures/progressive.jpg" $root/inbox/later.jpg
wait_for "a later file is done" is_done later.jpg
[[ -z $(state open.jpg) ]] || fail "a file that is still being written was taken"
pkill --signal KILL --uid alice --exact sleep
wait_for "it is taken when its writer ended" is_done open.jpg
