#pragma once

#include <string>

namespace ctorch {

/// Fails with FileUnreadable, PickledCheckpoint or NotTorchScript unless `path` is a file that holds TorchScript,
/// as far as its outer form tells; the message says what it is instead and what would help.
void require_torchscript(const std::string &path);

/// The archive's record extra/`name`; empty where there is none, or one that is longer than `capacity`.
std::string text_in_archive(const std::string &path, const std::string &name, size_t capacity);

} // namespace ctorch
