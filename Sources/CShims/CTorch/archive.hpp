#pragma once

#include <string>

namespace ctorch {

/// Fails with FileUnreadable, PickledCheckpoint or NotTorchScript unless `path` is a file that holds TorchScript,
/// as far as its outer form tells; the message says what it is instead and what would help.
void require_torchscript(const std::string &path);

} // namespace ctorch
