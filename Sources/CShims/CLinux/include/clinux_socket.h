/// Calls on sockets that Swift's Glibc module does not offer, for they want _GNU_SOURCE.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC, in one step: a child that is started meanwhile must not inherit it.
/// Returns a descriptor, or -1 with errno.
int clinux_accept(int listener);

/// Who connected: SO_PEERCRED of unix(7), as it was at that time. Returns 0, or -1 with errno.
int clinux_peer(int socket, int32_t *ret_process, uint32_t *ret_user);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
