#!/usr/bin/env bash
# An instance of a name beside the plain service, with a model of its own: both explain, and neither takes the other's
# folders with it when it stops.
source "$(dirname "$0")/lib.sh"
install_service
install_model signdet signs
echo 'model: {file: /etc/gradcamd/models/signs.torchscript}' >/etc/gradcamd/lab.yaml
start
start gradcamd@lab

in_lab() { sqlite3 "file:/var/lib/gradcamd-lab/log.db?mode=ro" "$@"; }
lab_is_done() { [[ $(in_lab "SELECT state FROM log WHERE name = '$1'") == done ]]; }
as alice cp "$networks/twins.png" /srv/gradcamd-lab/inbox/
as alice cp "$pictures/baseline.jpg" $root/inbox/
wait_for "the plain service is done" has_done 1
wait_for "the instance is done" lab_is_done twins.png
[[ $(query "SELECT name FROM log") == baseline.jpg ]] || fail "an image went to the wrong service"
(($(in_lab "SELECT count(*) FROM detections") == 2)) || fail "the instance has another model"
gradcam status --instance lab >/dev/null || fail "the instance does not answer"

systemctl start gradcamd-maintenance@lab || fail "its maintenance failed"
[[ -n $(find /var/lib/gradcamd-lab/backup -name 'log-*.db') ]] || fail "the instance's log was not copied"

systemctl stop gradcamd
[[ -S /run/gradcamd-lab/control.sock ]] || fail "a stop of the plain service took the instance's folder"
as alice cp "$networks/small-and-large.png" /srv/gradcamd-lab/inbox/
wait_for "the instance goes on" lab_is_done small-and-large.png
start
systemctl stop gradcamd@lab
[[ -S /run/gradcamd/control.sock ]] || fail "a stop of the instance took the plain service's folder"
[[ $(property Result gradcamd@lab) == success ]] || fail "the instance did not stop cleanly"
