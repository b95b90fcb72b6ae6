#include "layers.hpp"

#include "dependence.hpp"
#include "status.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace ctorch {
namespace {

/// Rank 4 and larger than 1 x 1. One row alone is no map: pooled values in channels-last order are 1 x 1 x C.
bool is_map(const Layer &layer) {
    return layer.sizes.size() == 4 && layer.sizes[2] > 1 && layer.sizes[3] > 1;
}

/// Levenshtein's distance: insertions, deletions and replacements.
size_t edit_distance(const std::string &from, const std::string &to) {
    std::vector<size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= from.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= to.size(); ++j) {
            const size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

std::string near_matches(const std::vector<Layer> &layers, const std::string &path) {
    constexpr size_t shown = 3;
    std::multimap<size_t, std::string> by_distance;
    for (const Layer &layer : layers) by_distance.emplace(edit_distance(path, layer.path), layer.path);
    std::string names;
    size_t count = 0;
    for (const auto &[distance, name] : by_distance) {
        if (count++ == shown) break;
        names += (names.empty() ? "" : ", ") + name;
    }
    return names;
}

} // namespace

TokenGrid token_grid(int64_t token_count) {
    auto side = static_cast<int64_t>(std::sqrt(static_cast<double>(token_count)));
    return {side, token_count - side * side};
}

bool has_grid(const Sizes &sizes) {
    if (sizes.size() == 4) return true;
    if (sizes.size() != 3) return false;
    const TokenGrid grid = token_grid(sizes[1]);
    return grid.side >= 2 && grid.extra_tokens <= maximum_extra_tokens;
}

std::vector<Layer> find_layers(Graph &graph, size_t score_count, size_t first, const std::vector<Activation> &marked,
                               const at::Tensor &probe) {
    const std::vector<Value *> outputs(graph.outputs().begin(), graph.outputs().end());
    const std::vector<Value *> scores(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(score_count));
    const std::vector<Value *> values(outputs.begin() + static_cast<std::ptrdiff_t>(first), outputs.end());
    const Dependence dependence(graph, scores);
    const std::vector<Sizes> sizes = measure_sizes(graph, values, probe);

    std::vector<size_t> order;
    for (size_t index = 0; index < values.size(); ++index) {
        const bool is_image = values[index]->node()->kind() == c10::prim::Param;
        // Windows of an attention, for example, are a batch of their own.
        const bool is_per_image = has_grid(sizes[index]) && sizes[index][0] == probe.size(0);
        if (!is_image && is_per_image && dependence.depends_on_image(values[index])) order.push_back(index);
    }
    // A module returns its last submodule's value: of names for the same value, the outermost stays last.
    std::sort(order.begin(), order.end(), [&](size_t left, size_t right) {
        if (values[left] == values[right]) return left < right;
        return values[left]->node()->isBefore(values[right]->node());
    });
    // Backwards: a module that is called several times is explained where it is called last.
    std::vector<Layer> layers;
    std::set<std::string> seen;
    for (auto index = order.rbegin(); index != order.rend(); ++index) {
        Value *value = values[*index];
        const Activation &activation = marked[*index];
        if (!seen.insert(activation.path).second) continue;
        Layer layer;
        layer.path = activation.path;
        layer.operation = activation.operation;
        layer.sizes = sizes[*index];
        layer.output = first + *index;
        layer.on_path = dependence.reaches_output(value);
        layer.is_only_way = dependence.is_only_way(value);
        layer.is_learned = dependence.is_learned(value);
        layer.is_score = std::find(scores.begin(), scores.end(), value) != scores.end();
        layers.push_back(std::move(layer));
    }
    std::reverse(layers.begin(), layers.end());
    return layers;
}

size_t layer_named(const std::vector<Layer> &layers, const std::string &path) {
    const auto found =
        std::find_if(layers.begin(), layers.end(), [&](const Layer &layer) { return layer.path == path; });
    if (found != layers.end()) return static_cast<size_t>(found - layers.begin());
    const std::string message = "The network has no layer '" + path.substr(0, 200) + "' with a grid to explain on";
    const std::string near = near_matches(layers, path.substr(0, 200));
    throw Failure(CTorchCodeNoLayer, near.empty() ? message + "." : message + "; near it are " + near + ".");
}

std::vector<size_t> automatic_candidates(const std::vector<Layer> &layers) {
    std::vector<size_t> only_ways;
    std::vector<size_t> others;
    for (size_t index = layers.size(); index > 0; --index) {
        const Layer &layer = layers[index - 1];
        if (!is_map(layer) || !layer.on_path || !layer.is_learned || layer.is_score) continue;
        if (layer.is_only_way) {
            only_ways.push_back(index - 1);
        } else if (only_ways.empty()) {
            others.push_back(index - 1);
        }
    }
    only_ways.insert(only_ways.end(), others.begin(), others.end());
    return only_ways;
}

std::string text_of(const Sizes &sizes) {
    std::string text;
    for (const int64_t size : sizes) text += (text.empty() ? "" : "x") + std::to_string(size);
    return text;
}

CTorchShape shape_of(const Sizes &sizes) {
    CTorchShape shape{};
    if (sizes.size() > std::size(shape.sizes)) return shape;
    shape.rank = static_cast<int32_t>(sizes.size());
    std::copy(sizes.begin(), sizes.end(), shape.sizes);
    return shape;
}

} // namespace ctorch
