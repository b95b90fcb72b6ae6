/// A program that runs as a child, with pipes to its standard input and from its standard output; its standard error is
/// ours. It is known by a descriptor, pidfd_open(2), so that a signal never reaches another process that has got its
/// number.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma clang assume_nonnull begin

/// All descriptors are the caller's to close; they do not block, and are closed on exec.
typedef struct CLinuxChild {
    int32_t process;
    /// Becomes readable when it has ended.
    int handle;
    /// For writing.
    int input;
    /// For reading.
    int output;
} CLinuxChild;

/// Starts it without any other descriptor of ours, with no signal blocked or ignored: posix_spawn(3).
///
/// - arguments: from argv[0] on, NULL behind the last one.
/// - variables: "NAME=value", NULL behind the last one; they come to the environment that we have, or replace what is
///   there.
/// - own_group: it leads a process group of its own.
///
/// Returns 0, or an error number, also of exec(3) in the child.
int clinux_child_start(const char *executable, char *_Nullable const *_Nonnull arguments,
                       char *_Nullable const *_Nonnull variables, bool own_group, CLinuxChild *ret_child);

/// Ends it at once with SIGKILL; nothing where it has ended.
void clinux_child_kill(int handle);

/// Waits for its end and forgets it: waitid(2). Exactly one of the two results is not 0 where it did not exit with 0:
/// its status, or the signal that ended it. Returns 0, or an error number.
int clinux_child_reap(int handle, int32_t *ret_status, int32_t *ret_signal);

#pragma clang assume_nonnull end
#ifdef __cplusplus
}
#endif
