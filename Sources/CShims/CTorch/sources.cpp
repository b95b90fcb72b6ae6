#include "sources.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace ctorch {
namespace {

/// Whole numbers up to here are exact in every type of floating point.
constexpr size_t largest_number = 256;

Source source_at(int64_t offset, size_t part, const at::Tensor &sizes) {
    const int64_t width = sizes.size(3), height = sizes.size(2), channels = sizes.size(1);
    return {part, offset / (width * height * channels), offset / (width * height) % channels, offset / width % height,
            offset % width};
}

} // namespace

std::vector<std::optional<Source>> find_sources(const at::Tensor &logits, const std::vector<at::Tensor> &parts,
                                                const std::vector<int64_t> &elements) {
    std::vector<std::optional<Source>> sources(elements.size());
    std::vector<size_t> indices;
    std::vector<at::Tensor> reachable;
    for (size_t index = 0; index < parts.size(); ++index) {
        if (parts[index].dim() != 4 || !parts[index].requires_grad()) continue;
        indices.push_back(index);
        reachable.push_back(parts[index]);
    }
    if (reachable.empty() || !logits.requires_grad() || elements.size() > largest_number) return sources;
    at::Tensor numbers = at::zeros(logits.numel(), logits.options().requires_grad(false));
    for (size_t index = 0; index < elements.size(); ++index) {
        numbers[elements[index]] = static_cast<double>(index + 1);
    }
    const auto found = torch::autograd::grad({logits}, reachable, {numbers.view(logits.sizes())}, /*retain_graph=*/true,
                                             /*create_graph=*/false, /*allow_unused=*/true);
    for (size_t index = 0; index < found.size(); ++index) {
        if (!found[index].defined()) continue;
        const at::Tensor values = found[index].to(at::kFloat).contiguous();
        const float *value = values.data_ptr<float>();
        for (int64_t offset = 0; offset < values.numel(); ++offset) {
            if (value[offset] == 0) continue;
            const float number = value[offset];
            const bool is_ours = number >= 1 && number <= static_cast<float>(elements.size()) &&
                                 std::floor(number) == number;
            // Otherwise more has happened to the elements than that they were moved.
            if (!is_ours || sources[static_cast<size_t>(number) - 1]) return std::vector<std::optional<Source>>(elements.size());
            sources[static_cast<size_t>(number) - 1] = source_at(offset, indices[index], values);
        }
    }
    return sources;
}

} // namespace ctorch
