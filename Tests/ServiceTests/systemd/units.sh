#!/usr/bin/env bash
# systemd has nothing to say against any unit, and the templates are the plain ones with another name.
source "$(dirname "$0")/lib.sh"
install_service
install -D -m 644 man/*.8 -t /usr/share/man/man8
install -D -m 644 man/*.1 -t /usr/share/man/man1
units=(gradcamd.service gradcamd@lab.service gradcamd-maintenance.{service,timer} gradcamd-maintenance@lab.{service,timer}
    gradcamd-metrics.socket gradcamd-metrics@1.service)
silent() {
    local said
    said=$(systemd-analyze verify "${units[@]}" 2>&1) || fail "verify fails: $said"
    [[ -z $said ]] || fail "verify $1: $said"
}
silent "with the units alone"
for file in systemd/drop-ins/*.conf; do
    install -D -m 644 "$file" -t /etc/systemd/system/gradcamd.service.d
    silent "with $file"
    rm "/etc/systemd/system/gradcamd.service.d/${file##*/}"
done

# alike PLAIN TEMPLATE: but for comments, the name, and how an instance gets its tree.
alike() {
    diff <(grep -v '^#' "systemd/$1" | sed '/^$/d') \
        <(grep -v '^#' "systemd/$2" | sed '/^$/d; s/gradcamd[-@]%i/gradcamd/g; s/ --instance %i//; s/, instance %i//; s/=-/=/' |
            grep -v 'systemd-tmpfiles\|^StandardInputText=') || fail "$1 and $2 differ"
}
alike gradcamd.service gradcamd@.service
alike gradcamd-maintenance.service gradcamd-maintenance@.service
alike gradcamd-maintenance.timer gradcamd-maintenance@.timer
# The tree of an instance is that of the plain one.
diff <(grep -v '^#' systemd/gradcamd.tmpfiles | tr --squeeze-repeats ' ') \
    <(sed -n 's/^StandardInputText=//p' systemd/gradcamd@.service | sed 's/-%i//' | tr --squeeze-repeats ' ') ||
    fail "the tree of an instance differs"
