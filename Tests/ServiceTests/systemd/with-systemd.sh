#!/bin/bash
# with-systemd.sh - run a command next to a REAL systemd (PID 1 of its own namespaces) over a
# throw-away copy-on-write view of this machine's root file system.
#
#   with-systemd.sh [--unit FILE]... [--sysusers FILE]... [--bind[-ro] SRC[:DST]]... [--timeout S] -- CMD [ARG]...
#
# CMD runs as root in the namespaces (same $PWD, same env), its exit status is returned.  Everything it
# and the units write lands in a tmpfs and is gone afterwards; only --bind directories are written through.
# Needs: root, Linux >= 5.14 (cgroup.kill), overlayfs, cgroup v2 mountable, Debian packages systemd, util-linux.
# Status 125 = systemd did not boot; 124 = CMD ran past --timeout; else CMD's own.
set -euo pipefail
STAGE=${WS_STAGE:-0} BOOT_S=${WS_BOOT_TIMEOUT:-30}
BASE=/mnt                       # any existing directory; a private tmpfs covers it, in our mount ns only
NAME=with-systemd.${WS_ID:-$$}

if [ "$STAGE" = 2 ]; then       # PID 1 of the new pid ns: enter the cgroup, then its namespace
  read -r p _ </proc/self/stat; echo "$p" >$BASE/pid.tmp   # still the host's procfs: our pid as the host sees it
  echo 0 >$BASE/cg/$NAME/cgroup.procs
  mv $BASE/pid.tmp $BASE/pid
  WS_STAGE=3 exec unshare --cgroup -- /bin/bash "$0"
fi
if [ "$STAGE" = 3 ]; then       # build the root, pivot, become systemd
  R=$BASE/root
  mount -t overlay overlay -o lowerdir=/,upperdir=$BASE/rw/up,workdir=$BASE/rw/wk $R
  mount -t proc -o nosuid,nodev,noexec proc $R/proc
  for f in sys sysrq-trigger irq; do [ ! -e $R/proc/$f ] || { mount --bind $R/proc/$f $R/proc/$f; mount -o remount,bind,ro $R/proc/$f; }; done
  mount -t sysfs -o nosuid,nodev,noexec,ro sysfs $R/sys
  mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 $R/sys/fs/cgroup
  mount -t tmpfs -o mode=755,nosuid tmpfs $R/dev
  mkdir $R/dev/{pts,shm,mqueue}
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts $R/dev/pts
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs $R/dev/shm
  mount -t mqueue mqueue $R/dev/mqueue
  for d in null zero full random urandom tty; do : >$R/dev/$d; mount --bind /dev/$d $R/dev/$d; done
  ln -s pts/ptmx $R/dev/ptmx; ln -s /proc/self/fd $R/dev/fd
  for i in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/${i%%:*} $R/dev/${i##*:}; done
  mount -t tmpfs -o mode=755,nosuid,nodev tmpfs $R/run
  while IFS=$'\t' read -r mode src dst; do
    [ -n "$src" ] || continue
    if [ -d "$src" ]; then mkdir -p "$R$dst"; else mkdir -p "$(dirname "$R$dst")"; [ -e "$R$dst" ] || : >"$R$dst"; fi
    mount --bind "$src" "$R$dst"
    [ $mode = rw ] || mount -o remount,bind,ro "$R$dst"
  done <$BASE/binds
  # the host's own boot-time business stays out
  mkdir -p $R/run/systemd/{journald.conf.d,system.conf.d,system} $R/etc/tmpfiles.d
  printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nRateLimitBurst=0\nReadKMsg=no\nAudit=no\n' >$R/run/systemd/journald.conf.d/ws.conf
  printf '[Manager]\nLogTarget=journal\nShowStatus=no\nDefaultTimeoutStopSec=15s\nCrashShell=no\n' >$R/run/systemd/system.conf.d/ws.conf
  ln -sfn /dev/null $R/etc/tmpfiles.d/tmp.conf            # Debian's tmp.conf is "D /tmp": it would empty /tmp
  : >$R/etc/fstab
  rm -f $R/etc/systemd/system/{basic,sysinit,sockets,timers,paths,local-fs}.target.wants/*
  for u in systemd-udevd{,-control,-kernel}.{service,socket} systemd-journald-audit.socket systemd-modules-load.service \
           systemd-sysctl.service systemd-binfmt.service proc-sys-fs-binfmt_misc.{automount,mount} dev-hugepages.mount dev-mqueue.mount \
           sys-kernel-{config,debug,tracing}.mount sys-fs-fuse-connections.mount kmod-static-nodes.service \
           systemd-timesyncd.service systemd-firstboot.service systemd-update-utmp.service systemd-random-seed.service \
           systemd-tmpfiles-clean.timer modprobe@.service systemd-remount-fs.service; do ln -sfn /dev/null $R/etc/systemd/system/$u; done
  mkdir -p $R/run/old
  cd $R; pivot_root . run/old; cd /
  umount -l /run/old; rmdir /run/old
  mount --make-rshared /                      # as nspawn does: LoadCredential= and mount units need propagation
  hostname with-systemd
  exec env -i container=with-systemd PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /lib/systemd/systemd --system --unit=basic.target </dev/null >/run/systemd-stdio.log 2>&1
fi

if [ "$STAGE" = 0 ]; then       # keep this pid: unshare execs
  [ "$(id -u)" = 0 ] || { echo "with-systemd: must be root" >&2; exit 125; }
  [ -x /lib/systemd/systemd ] || { echo "with-systemd: systemd is not installed" >&2; exit 125; }
  WS_STAGE=1 WS_ID=$$ exec unshare --mount --propagation private -- /bin/bash "$0" "$@"
fi

# ---- stage 1: parse, supervise, clean up --------------------------------------------------------------------
units=() sysusers=() binds="" tmo=0
b() { local s=${2%%:*} d=$2; d=${d#*:}; binds+="$1"$'\t'"$(realpath -- "$s")"$'\t'"$(realpath -m -- "$d")"$'\n'; }
while [ $# -gt 0 ]; do case $1 in
  --unit) units+=("$(realpath -- "$2")"); shift 2;; --sysusers) sysusers+=("$(realpath -- "$2")"); shift 2;;
  --bind) b rw "$2"; shift 2;; --bind-ro) b ro "$2"; shift 2;; --timeout) tmo=$2; shift 2;;
  --) shift; break;; *) break;; esac; done
[ $# -gt 0 ] || { echo "usage: with-systemd.sh [options] -- CMD..." >&2; exit 125; }
# a checkout on a mount of its own (another file system, or a bind mount) is not in the overlay: bring it in
[ "$(findmnt --noheadings --output TARGET --target .)" = / ] || b rw "$PWD"
self=$(realpath -- "$0") cwd=$PWD
mount -t tmpfs -o mode=755 tmpfs $BASE
mkdir -p $BASE/{cg,root,rw/up,rw/wk}; chmod 755 $BASE/rw/up
printf %s "$binds" >$BASE/binds
cp "$self" $BASE/self; cd $BASE
mount -t cgroup2 cgroup2 cg
for d in cg/with-systemd.*; do  # left by a supervisor that was killed -9 (its namespaces died with it)
  [ -d "$d" ] && ! kill -0 "${d##*.}" 2>/dev/null && find "$d" -depth -type d -exec rmdir {} + 2>/dev/null || :; done
mkdir cg/$NAME
U=
cleanup() { set +e; trap - EXIT; exec 2>/dev/null; [ -z "$U" ] || { kill -KILL "$U"; wait "$U"; } 2>/dev/null
  echo 1 >cg/$NAME/cgroup.kill; for _ in {1..100}; do
  find cg/$NAME -depth -type d -exec rmdir {} + 2>/dev/null; [ -d cg/$NAME ] || break; sleep 0.05; done; }
exec 3<&0; trap cleanup EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
WS_STAGE=2 WS_ID=$WS_ID setpriv --pdeathsig KILL unshare --fork --kill-child=KILL --pid --mount --ipc --uts --net -- \
  /bin/bash $BASE/self 3<&- & U=$!
t0=$(date +%s%N)
INX() { echo 0 >cg/$NAME/ws-cmd/cgroup.procs; unset WS_STAGE WS_ID; exec 3<&-
        exec nsenter -t "$P" -m -u -i -n -p -C -r -- /bin/sh -c 'cd "$0" && exec "$@"' "$cwd" "$@"; }
IN() { ( INX "$@" ); }
state=none
for ((i=0; i<BOOT_S*20; i++)); do
  kill -0 $U 2>/dev/null || break
  if [ -z "${P:-}" ]; then if [ -s pid ]; then P=$(<pid); mkdir -p cg/$NAME/ws-cmd; fi; fi
  # /proc/PID/root is only systemd's once it pivoted: its private socket tells
  if [ -n "${P:-}" ] && [ -S /proc/$P/root/run/systemd/private ]; then
    state=$(cwd=/; IN systemctl is-system-running 2>/dev/null || :); case $state in running|degraded) break;; esac; fi
  sleep 0.05
done
case $state in running|degraded) ;; *) echo "with-systemd: no boot ($state)" >&2
  [ -z "${P:-}" ] || { cat /proc/$P/root/run/systemd-stdio.log; (cwd=/; IN journalctl -b --no-pager | tail -50); } >&2 || :; exit 125;; esac
[ -z "${WS_VERBOSE:-}" ] || echo "with-systemd: $state after $(( ($(date +%s%N)-t0)/1000000 )) ms" >&2
for f in ${sysusers[@]+"${sysusers[@]}"}; do (cwd=/; IN systemd-sysusers "$f"); done
for f in ${units[@]+"${units[@]}"}; do (cwd=/; IN install -m 644 "$f" "/etc/systemd/system/${f##*/}"); done
[ ${#units[@]} = 0 ] || (cwd=/; IN systemctl daemon-reload)
rc=0                            # in the background, so that a SIGTERM to us is acted on at once; stdin is kept
if [ "$tmo" != 0 ]; then INX timeout -k 5 "$tmo" "$@" <&3 & else INX "$@" <&3 & fi
wait $! 2>/dev/null || rc=$?
(cwd=/; timeout 10 nsenter -t "$P" -m -u -i -n -p -C -r systemctl --no-block poweroff) >/dev/null 2>&1 || :   # a clean stop of the units
for ((i=0; i<200; i++)); do kill -0 $U 2>/dev/null || break; sleep 0.05; done
exit $rc
