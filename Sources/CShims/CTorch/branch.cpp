#include "branch.hpp"

#include "neighborhood.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ctorch {
namespace {

/// What lies between a layer and a part.
struct Way {
    std::vector<Node *> nodes;   ///< In the order of computation, constants among them.
    int64_t radius = 0;
};

/// Nothing where the part is computed from more than `start` and constants, or by an operator without a known reach.
std::optional<Way> way_between(Graph &graph, const Value *start, const Value *part) {
    std::unordered_set<const Value *> needed{part};
    Way way;
    for (Node *node : graph.nodes().reverse()) {
        const auto outputs = node->outputs();
        const auto is_needed = [&](const Value *value) { return value != start && needed.count(value) > 0; };
        if (std::none_of(outputs.begin(), outputs.end(), is_needed)) continue;
        if (node->kind() != c10::prim::Constant && !reach_of(node)) return std::nullopt;
        way.nodes.push_back(node);
        needed.insert(node->inputs().begin(), node->inputs().end());
    }
    if (start == part || needed.count(start) == 0) return std::nullopt;
    for (const Value *input : graph.inputs()) {
        if (input != start && needed.count(input) > 0) return std::nullopt;
    }
    std::reverse(way.nodes.begin(), way.nodes.end());
    std::unordered_map<const Value *, int64_t> radius;
    for (const Node *node : way.nodes) {
        int64_t widest = 0;
        for (const Value *input : node->inputs()) {
            const auto known = radius.find(input);
            if (known != radius.end()) widest = std::max(widest, known->second);
        }
        for (const Value *output : node->outputs()) radius[output] = widest + reach_of(node).value_or(0);
    }
    way.radius = radius.at(part);
    return way;
}

/// start -> part, and `others` that lie between.
std::shared_ptr<Graph> graph_of(const Way &way, Value *start, const std::vector<Value *> &outputs) {
    auto graph = std::make_shared<Graph>();
    std::unordered_map<const Value *, Value *> copies;
    copies[start] = graph->addInput("activation");
    copies[start]->setType(start->type());
    for (Node *node : way.nodes) {
        Node *copy = graph->appendNode(graph->createClone(node, [&](Value *value) { return copies.at(value); }));
        for (size_t index = 0; index < node->outputs().size(); ++index) {
            copies[node->outputs()[index]] = copy->outputs()[index];
        }
    }
    for (const Value *output : outputs) graph->registerOutput(copies.at(output));
    graph->lint();
    return graph;
}

/// Where a line of `length` cells begins that reaches `radius` to either side of `cell` and stays in the grid.
int64_t start_of(int64_t cell, int64_t radius, int64_t length, int64_t cells) {
    return std::clamp<int64_t>(cell - radius, 0, cells - length);
}

} // namespace

std::optional<Branch> Branch::find(Graph &suffix, Value *part, const std::vector<Value *> &layers) {
    std::optional<size_t> first;
    Way longest;
    for (size_t index = 0; index < layers.size(); ++index) {
        auto way = way_between(suffix, layers[index], part);
        if (!way || way->nodes.size() <= longest.nodes.size()) continue;
        longest = std::move(*way);
        first = index;
    }
    if (!first) return std::nullopt;
    std::vector<size_t> on_way{*first};
    std::vector<Value *> outputs{part};
    for (size_t index = 0; index < layers.size(); ++index) {
        const Node *node = layers[index]->node();
        // Two layers may be two names of one value.
        const bool is_on_way = layers[index] == layers[*first] ||
                               std::find(longest.nodes.begin(), longest.nodes.end(), node) != longest.nodes.end();
        if (!is_on_way || index == *first) continue;
        on_way.push_back(index);
        outputs.push_back(layers[index]);
    }
    return Branch(graph_of(longest, layers[*first], outputs), longest.radius, std::move(on_way));
}

std::vector<std::vector<Gradient>> Branch::differentiate(const at::Tensor &activation,
                                                         const std::vector<CellTarget> &targets) const {
    std::vector<std::vector<Gradient>> gradients;
    // By powers of two: oneDNN compiles its convolutions for each size of batch.
    for (size_t done = 0; done < targets.size();) {
        size_t count = 1;
        while (done + 2 * count <= targets.size()) count *= 2;
        auto batch = differentiate_batch(activation, targets.data() + done, static_cast<int64_t>(count));
        std::move(batch.begin(), batch.end(), std::back_inserter(gradients));
        done += count;
    }
    return gradients;
}

std::vector<std::vector<Gradient>> Branch::differentiate_batch(const at::Tensor &activation, const CellTarget *targets,
                                                               int64_t count) const {
    // At the grid's border the crop ends there, too: convolutions pad where they pad on the whole grid. At its other
    // sides they pad what has values, but nothing that is wrong therefore reaches the cell in the middle.
    const int64_t height = std::min(2 * radius_ + 1, activation.size(2));
    const int64_t width = std::min(2 * radius_ + 1, activation.size(3));
    std::vector<at::Tensor> crops;
    std::vector<Gradient> places;
    for (int64_t index = 0; index < count; ++index) {
        const CellTarget &target = targets[index];
        const int64_t top = start_of(target.y, radius_, height, activation.size(2));
        const int64_t left = start_of(target.x, radius_, width, activation.size(3));
        crops.push_back(activation.select(0, target.image).narrow(1, top, height).narrow(2, left, width));
        places.push_back({at::Tensor(), top, left});
    }
    const at::AutoGradMode gradient(true);
    const auto format = activation.suggest_memory_format();
    Stack values{at::stack(crops).detach().contiguous(format).requires_grad_()};
    const at::Tensor start = values[0].toTensor();
    program_->run(values);
    const at::Tensor part = values.at(0).toTensor();
    std::vector<at::Tensor> layers{start};
    for (size_t index = 1; index < values.size(); ++index) layers.push_back(values[index].toTensor());

    at::Tensor weights = at::zeros_like(part.detach());
    for (int64_t index = 0; index < count; ++index) {
        const CellTarget &target = targets[index];
        const Gradient &place = places[static_cast<size_t>(index)];
        for (const auto &[channel, weight] : target.channels) {
            weights[index][channel][target.y - place.top][target.x - place.left] += weight;
        }
    }
    const auto found = torch::autograd::grad({part}, layers, {weights}, /*retain_graph=*/false, /*create_graph=*/false,
                                             /*allow_unused=*/true);
    std::vector<std::vector<Gradient>> gradients(static_cast<size_t>(count));
    for (int64_t index = 0; index < count; ++index) {
        for (const at::Tensor &of_layer : found) {
            Gradient own = places[static_cast<size_t>(index)];
            if (of_layer.defined()) own.values = of_layer.select(0, index);
            gradients[static_cast<size_t>(index)].push_back(std::move(own));
        }
    }
    return gradients;
}

} // namespace ctorch
