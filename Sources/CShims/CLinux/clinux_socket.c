#define _GNU_SOURCE
#include "clinux_socket.h"

#include <stddef.h>
#include <sys/socket.h>

int clinux_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int clinux_peer(int socket, int32_t *ret_process, uint32_t *ret_user) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) {
        return -1;
    }
    *ret_process = peer.pid;
    *ret_user = peer.uid;
    return 0;
}
