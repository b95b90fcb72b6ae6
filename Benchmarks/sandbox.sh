#!/usr/bin/env bash
# What the sandbox of the unit costs: forward and explain of one worker outside of it and of others inside, in turns.
# Run by `script/bench sandbox` inside a booted systemd: sandbox.sh PROGRAMS NETWORKS ROUNDS [NETWORK]
source "$(dirname "$0")/../Tests/ServiceTests/systemd/lib.sh"
rounds=$3
install_service ${4:-}
install -D -m 644 "$pictures/baseline.jpg" -t $root
workers=/run/bench
mkdir $workers

# worker NAME: a unit with the directives of gradcamd.service that runs a worker alone, at two pipes.
worker() {
    mkfifo $workers/"$1".{requests,answers}
    cp /etc/systemd/system/gradcamd.service "/etc/systemd/system/$1.service"
    cp -r /etc/systemd/system/gradcamd.service.d "/etc/systemd/system/$1.service.d"
    drop_in worker "$1.service" <<DROPIN
Type=exec
Restart=no
WatchdogSec=0
ExecStart=
ExecStart=/usr/bin/gradcam-worker --model /etc/gradcamd/models/model.torchscript --threads 1
StandardInput=file:$workers/$1.requests
StandardOutput=file:$workers/$1.answers
Environment=OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE MALLOC_ARENA_MAX=2
DROPIN
}
worker sandbox
worker without-jit
cp systemd/drop-ins/without-jit.conf /etc/systemd/system/without-jit.service.d/
systemctl daemon-reload
exec /usr/bin/python3 Benchmarks/sandbox.py $workers $root/baseline.jpg "$rounds"
