#!/usr/bin/env bash
# systemctl reload under load: good settings come into force, wrong ones are refused with the reason and change nothing,
# and no image is missed.
source "$(dirname "$0")/lib.sh"
install_service
settings=/etc/gradcamd/gradcamd.yaml
start
main=$(property MainPID)
workers() { pgrep --parent "$main" --full gradcam-worker | wc -l; }
has_workers() { (($(workers) == $1)); }

drop 30
wait_for "some are done" has_done 5
sed -i 's/^  count: 1$/  count: 2/' $settings
systemctl reload gradcamd || fail "good settings were refused"
wait_for "there are two workers" has_workers 2

drop 30 31
sed -i 's/^  count: 2$/  count: many/' $settings
! systemctl reload gradcamd 2>/dev/null || fail "a reload with wrong settings succeeded"
# The reason stands in the journal, and gradcam says it to who asks.
has 'gradcamd.yaml:.*workers.count' journalctl --unit=gradcamd --no-pager || fail "the journal has no reason"
! gradcam reload 2>/run/reason || fail "gradcam reload with wrong settings succeeded"
grep -q 'workers.count' /run/reason || fail "gradcam reload gives no reason: $(cat /run/reason)"
[[ $(property ActiveState) == active ]] || fail "it is $(property ActiveState) after a refused reload"
(($(workers) == 2)) || fail "a refused reload changed the workers"

# A new model: what is dropped afterwards is explained by it.
sed -i 's/^  count: many$/  count: 1/; s|models/model|models/other|' $settings
! systemctl reload gradcamd 2>/dev/null || fail "a reload with a missing model succeeded"
install_model efficientnet-lite0 other
sed -i 's/^name: .*/name: other/' /etc/gradcamd/models/other.yaml
systemctl reload gradcamd || fail "a new model was refused"
(($(count) < 60)) || fail "all work was done before: that proves nothing"
as alice cp "$pictures/grey.jpg" $root/inbox/
wait_for "all images are done" has_done 61
everything_once 61
[[ $(query "SELECT model FROM log WHERE name = 'grey.jpg'") == other ]] || fail "the new model was not used"
[[ $(property MainPID) == "$main" ]] || fail "it was restarted instead"
