/// Linux calls that Swift's Glibc module does not offer, for they are variadic or too new for it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// Names the calling thread; the kernel keeps 15 bytes. prctl(2) is variadic.
void clinux_name_thread(const char *name);

/// renameat2(2) with RENAME_NOREPLACE. Returns 0, or -1 with errno.
int clinux_rename_without_replacing(int from_directory, const char *from, int to_directory, const char *to);

/// Whether somebody has the file open for writing or mapped writable: takes a read lease and gives it back
/// (fcntl(2), F_SETLEASE). Returns 1 = a writer has it, 0 = nobody has, -1 = cannot be told (errno: EACCES where
/// the file is another user's and CAP_LEASE is missing, EINVAL where the file system has no leases).
int clinux_has_writer(int file);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
