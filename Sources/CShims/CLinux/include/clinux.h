/// Linux calls that Swift's Glibc module does not offer, for they are variadic or too new for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clinux_child.h"
#include "clinux_socket.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// Names the calling thread; the kernel keeps 15 bytes. prctl(2) is variadic.
void clinux_name_thread(const char *name);

/// Programs that the calling thread starts get none of its capabilities: empties its ambient set, prctl(2). Its own
/// ones stay. Threads that exist already keep theirs. Returns 0, or -1 with errno.
int clinux_keep_capabilities_from_children(void);

/// renameat2(2) with RENAME_NOREPLACE. Returns 0, or -1 with errno.
int clinux_rename_without_replacing(int from_directory, const char *from, int to_directory, const char *to);

/// Whether somebody has the file open for writing or mapped writable: takes a read lease and gives it back
/// (fcntl(2), F_SETLEASE). Returns 1 = a writer has it, 0 = nobody has, -1 = cannot be told (errno: EACCES where
/// the file is another user's and CAP_LEASE is missing, EINVAL where the file system has no leases).
int clinux_has_writer(int file);

typedef struct CLinuxStatus {
    /// As st_mode: type and permissions.
    uint32_t mode;
    uint32_t owner;
    int64_t size;
    uint64_t device;
    uint64_t inode;
    /// Nanoseconds since 1970: of the content, and of the inode.
    int64_t modified;
    int64_t changed;
    /// Names of the file.
    uint64_t links;
} CLinuxStatus;

/// Like fstatat(2) without following a link, but with what the file server says now instead of what a cache says:
/// statx(2) with AT_STATX_FORCE_SYNC. Returns 0, or -1 with errno.
int clinux_status_from_server(int directory, const char *name, CLinuxStatus *ret_status);

/// The magic number of the file system that the path is on, statfs(2). Returns 0, or -1 with errno.
int clinux_file_system_magic(const char *path, uint32_t *ret_magic);

/// Whether the kernel's clock is kept right by somebody, adjtimex(2). Returns 1, 0, or -1 with errno.
int clinux_clock_is_synchronized(void);
/// A timer that can be polled: timerfd_create(2) with CLOCK_MONOTONIC, not blocking, closed on exec. Returns the
/// descriptor, or -1 with errno.
int clinux_timer_make(void);

/// Has the timer become readable once after so many nanoseconds; 0 stops it. Returns 0, or -1 with errno.
int clinux_timer_set(int timer, uint64_t nanoseconds);

/// A bell that is heard in poll(2): eventfd(2), not blocking, closed on exec. Returns the descriptor, or -1 with errno.
int clinux_bell_make(void);

/// Makes it readable.
void clinux_bell_ring(int bell);

/// Makes it unreadable again, however often it was rung.
void clinux_bell_silence(int bell);

/// setrlimit(2) of RLIMIT_AS, both limits: what the process may map in all, and never more than it was allowed
/// before. Returns 0, or -1 with errno.
int clinux_limit_address_space(uint64_t bytes);

/// On how many processors the calling thread may run, sched_getaffinity(2). At least 1, also where it cannot be told.
int clinux_usable_processors(void);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
