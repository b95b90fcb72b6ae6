"""journal_load.py SOCKET FIRST LAST: pauses the service with the reasons FIRST up to, not including, LAST. Each answer
must come within ten seconds."""

import json
import socket
import sys

path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
client.settimeout(10)
client.connect(path)
answers = client.makefile()
for number in range(first, last):
    client.sendall(json.dumps({"command": "pause", "reason": str(number)}).encode() + b"\n")
    answer = json.loads(answers.readline())
    assert answer["kind"] == "paused" and answer["report"]["reason"] == str(number), answer
