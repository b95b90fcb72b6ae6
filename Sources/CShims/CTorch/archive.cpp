#include "archive.hpp"

#include "status.hpp"

#include <caffe2/serialize/inline_container.h>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace ctorch {
namespace {

using Start = std::string;

/// The first bytes of the file: enough to tell the formats apart.
Start start_of(const std::string &path) {
    struct stat information {};
    const std::string quoted = "'" + path + "'";
    if (::stat(path.c_str(), &information) != 0) {
        const bool missing = errno == ENOENT || errno == ENOTDIR;
        throw Failure(CTorchCodeFileUnreadable, missing ? "There is no model file " + quoted + "."
                                                        : quoted + " cannot be read: " + std::strerror(errno) + ".");
    }
    if (!S_ISREG(information.st_mode)) {
        throw Failure(CTorchCodeFileUnreadable, quoted + " is not a regular file; name the .torchscript file itself.");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Failure(CTorchCodeFileUnreadable, quoted + " cannot be read: " + std::strerror(errno) + ".");
    std::array<char, 64> bytes{};
    file.read(bytes.data(), bytes.size());
    return Start(bytes.data(), static_cast<size_t>(file.gcount()));
}

bool starts_with(const Start &start, const char *bytes) { return start.rfind(bytes, 0) == 0; }

/// What a file without TorchScript seems to be, for the message alone.
std::string guess(const Start &start) {
    if (start.empty()) return "empty";
    if (start.size() > 9 && start[8] == '{') return "a safetensors file (weights without a network)";
    if (starts_with(start, "\x89HDF")) return "an HDF5 file (Keras)";
    if (starts_with(start, "\x89PNG") || starts_with(start, "\xff\xd8\xff")) return "a picture";
    for (const char character : start) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') return "of an unknown format";
    }
    return "a text file";
}

[[noreturn]] void throw_pickled(const std::string &path) {
    throw Failure(
        CTorchCodePickledCheckpoint,
        "'" + path + "' is a checkpoint that torch.save wrote: Python objects that only Python can read, not " +
            "TorchScript. Export it once: tools/export_classifier.py --checkpoint FILE ..., for a YOLO as " +
            "tools/EXPORT_YOLO.md says, or in Python torch.jit.trace(model.eval(), example).save(FILE).");
}

[[noreturn]] void throw_not_torchscript(const std::string &path, const std::string &what) {
    throw Failure(CTorchCodeNotTorchScript, "'" + path + "' is not TorchScript: it is " + what +
                                                ". Export the network with tools/export_classifier.py or " +
                                                "torch.jit.trace(model.eval(), example).save(FILE).");
}

/// Looks at the names of the records alone: TorchScript keeps its code's constants in constants.pkl.
void require_torchscript_records(const std::string &path) {
    enum class Content { torchscript, checkpoint, exported_program, other } content = Content::other;
    try {
        caffe2::serialize::PyTorchStreamReader reader(path);
        if (reader.hasRecord("constants.pkl")) {
            content = Content::torchscript;
        } else if (reader.hasRecord("data.pkl")) {
            content = Content::checkpoint;
        } else if (reader.hasRecord("archive_format") || reader.hasRecord("serialized_exported_program.json")) {
            content = Content::exported_program;
        }
    } catch (const std::exception &error) {
        if (is_out_of_memory(error)) throw;
        throw_not_torchscript(path, "a zip archive that PyTorch did not write, or a damaged or truncated one");
    }
    switch (content) {
    case Content::torchscript: return;
    case Content::checkpoint: throw_pickled(path);
    case Content::exported_program: throw_not_torchscript(path, "a program of torch.export (.pt2)");
    case Content::other: throw_not_torchscript(path, "a zip archive without TorchScript code");
    }
}

} // namespace

void require_torchscript(const std::string &path) {
    const Start start = start_of(path);
    if (starts_with(start, "PK\x03\x04")) return require_torchscript_records(path);
    // Pickle protocol 2 and later begin with 0x80 and the protocol's number: torch.save before torch 1.6.
    if (start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5) throw_pickled(path);
    throw_not_torchscript(path, guess(start));
}

std::string text_in_archive(const std::string &path, const std::string &name, size_t capacity) {
    require_torchscript(path);
    caffe2::serialize::PyTorchStreamReader reader(path);
    const std::string record = "extra/" + name;
    if (!reader.hasRecord(record)) return {};
    const auto [bytes, length] = reader.getRecord(record);
    // Longer than any exporter writes it: not what it seems.
    if (length > capacity) return {};
    return std::string(static_cast<const char *>(bytes.get()), length);
}

} // namespace ctorch
