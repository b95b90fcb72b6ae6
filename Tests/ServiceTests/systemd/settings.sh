#!/usr/bin/env bash
# Wrong settings and useless models: the exit status says which, and systemd does not try again and again.
source "$(dirname "$0")/lib.sh"
install_service

refuses() {
    local status=$1
    ! systemctl start gradcamd 2>/dev/null || fail "it started"
    [[ $(property ExecMainStatus) == "$status" ]] || fail "exit status $(property ExecMainStatus) instead of $status"
    [[ $(property ActiveState) == failed ]] || fail "its state is $(property ActiveState): a loop"
    [[ $(property NRestarts) == 0 ]] || fail "it was started $(property NRestarts) times more"
    systemctl reset-failed gradcamd
}

sed -i 's/^  count: 1$/  count: many/' /etc/gradcamd/gradcamd.yaml
refuses 78
has 'gradcamd.yaml:.*workers.count' journalctl --unit=gradcamd --no-pager || fail "the journal names no line"
sed -i 's/^  count: many$/  count: 1/' /etc/gradcamd/gradcamd.yaml

install -m 644 "$networks/pickled.pt" /etc/gradcamd/models/model.torchscript
refuses 3
install_model efficientnet-lite0 model
chmod g+w /etc/gradcamd/models/model.torchscript
chgrp gradcamd /etc/gradcamd/models/model.torchscript
refuses 77
rm /etc/gradcamd/models/model.torchscript
refuses 66

# What was wrong was the settings alone.
install_model efficientnet-lite0 model
start
