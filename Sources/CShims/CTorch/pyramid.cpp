#include "pyramid.hpp"

#include "dependence.hpp"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>

namespace ctorch {
namespace {

constexpr int64_t largest_stride = 256;

/// The power of two, 2 or more, that both sides of the input are divided by; rounded up where they are no multiples.
std::optional<int64_t> stride_of(const Sizes &grid, const Sizes &input) {
    for (int64_t stride = 2; stride <= largest_stride; stride *= 2) {
        const auto cells = [&](int64_t side) { return (side + stride - 1) / stride; };
        if (grid[2] == cells(input[2]) && grid[3] == cells(input[3])) return stride;
    }
    return std::nullopt;
}

/// Whether a cell of the node's result depends on more than the same cell of what it reads.
bool mixes_cells(const Node *node) {
    if (is_one_of(node, {"aten::conv2d", "aten::_convolution", "aten::convolution"})) {
        const auto weights = torch::jit::toIValue(node->input(1));
        if (!weights || !weights->isTensor() || weights->toTensor().dim() != 4) return true;
        return weights->toTensor().size(2) * weights->toTensor().size(3) > 1;
    }
    return is_one_of(node, {"aten::max_pool2d", "aten::avg_pool2d", "aten::adaptive_avg_pool2d", "aten::matmul",
                            "aten::bmm", "aten::einsum", "aten::scaled_dot_product_attention", "aten::linear",
                            "aten::upsample_nearest2d", "aten::upsample_bilinear2d", "aten::conv_transpose2d"});
}

class Pyramid {
public:
    Pyramid(Graph &graph, const std::vector<Layer> &layers, const Sizes &probe_sizes)
        : graph_(graph), layers_(layers), probe_sizes_(probe_sizes) {}

    std::vector<Level> run() {
        group_by_stride();
        std::vector<Level> levels;
        for (const auto &[stride, members] : by_stride_) {
            if (const auto level = level_of(members)) levels.push_back(*level);
        }
        return levels;
    }

private:
    using Indices = std::vector<size_t>;
    using Values = std::unordered_set<const Value *>;

    Value *value(size_t layer) const { return graph_.outputs()[layers_[layer].output]; }

    void group_by_stride() {
        for (size_t index = 0; index < layers_.size(); ++index) {
            const Layer &layer = layers_[index];
            if (layer.sizes.size() != 4 || !layer.on_path || !layer.is_learned) continue;
            if (const auto stride = stride_of(layer.sizes, probe_sizes_)) by_stride_[*stride].push_back(index);
        }
        for (const auto &[stride, members] : by_stride_) {
            for (const size_t member : members) maps_.push_back(value(member));
        }
    }

    /// What is computed from it is no map any more, but rows.
    bool ends_as_rows(size_t layer) const {
        const Values behind = values_behind(graph_, value(layer));
        return std::none_of(maps_.begin(), maps_.end(), [&](const Value *map) { return behind.count(map) > 0; });
    }

    std::optional<Level> level_of(const Indices &members) const {
        std::vector<Value *> ends;
        for (const size_t member : members) {
            if (ends_as_rows(member)) ends.push_back(value(member));
        }
        if (ends.empty()) return std::nullopt;
        const auto head_input = last_common(members, ends, [](size_t, const Values &) { return true; });
        if (!head_input) return std::nullopt;
        const Value *input = value(*head_input);
        const bool is_pointwise = !any_mixes_cells(values_between(input, ends));
        const auto context = last_common(members, {value(*head_input)}, [&](size_t layer, const Values &between) {
            return !is_inside(layer, *head_input) && any_mixes_cells(between);
        });
        return Level{*head_input, context.value_or(*head_input), is_pointwise};
    }

    /// The last of `members`, before `ends`, that all of them are computed through, where what lies between suits.
    template <typename Suits>
    std::optional<size_t> last_common(const Indices &members, const std::vector<Value *> &ends, Suits suits) const {
        const Dependence dependence(graph_, ends);
        for (auto member = members.rbegin(); member != members.rend(); ++member) {
            const Value *candidate = value(*member);
            const bool is_end = std::find(ends.begin(), ends.end(), candidate) != ends.end();
            if (is_end || !dependence.is_only_way(candidate)) continue;
            if (suits(*member, values_between(candidate, ends))) return *member;
        }
        return std::nullopt;
    }

    /// What is computed from `start` on the way to `ends`, with them.
    Values values_between(const Value *start, const std::vector<Value *> &ends) const {
        const Values behind = values_behind(graph_, start);
        const Dependence dependence(graph_, ends);
        Values between;
        for (const Value *value : behind) {
            if (dependence.reaches_output(value)) between.insert(value);
        }
        return between;
    }

    /// A part of the module that returns `module`.
    bool is_inside(size_t layer, size_t module) const {
        return layers_[layer].path.rfind(layers_[module].path + ".", 0) == 0;
    }

    static bool any_mixes_cells(const Values &values) {
        return std::any_of(values.begin(), values.end(), [](const Value *value) { return mixes_cells(value->node()); });
    }

    Graph &graph_;
    const std::vector<Layer> &layers_;
    const Sizes &probe_sizes_;
    std::map<int64_t, Indices> by_stride_;
    std::vector<const Value *> maps_;
};

} // namespace

std::vector<Level> find_levels(Graph &graph, const std::vector<Layer> &layers, const Sizes &probe_sizes) {
    return Pyramid(graph, layers, probe_sizes).run();
}

} // namespace ctorch
