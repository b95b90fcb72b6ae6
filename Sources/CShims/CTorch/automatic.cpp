#include "automatic.hpp"

#include "plan.hpp"
#include "status.hpp"

#include <algorithm>

namespace ctorch {
namespace {

/// Where a gradient cannot pass, it cannot pass further up either: more tries only cost time.
constexpr size_t maximum_tries = 8;

bool gradient_reaches(const Network &network, size_t layer) {
    try {
        Plan plan(network, {layer}, Plan::Optimization::none);
        plan.try_gradients();
        return plan.gradient_flows(0);
    } catch (const std::exception &error) {
        if (is_out_of_memory(error)) throw;
        return false;   // The network cannot be split here.
    }
}

std::string grid_of(const Layer &layer) {
    return std::to_string(layer.sizes[2]) + "x" + std::to_string(layer.sizes[3]);
}

/// Behind the chosen layer a transformer goes on with tokens.
bool tokens_follow(const Network &network, size_t chosen) {
    return std::any_of(network.layers.begin() + static_cast<std::ptrdiff_t>(chosen), network.layers.end(),
                       [](const Layer &layer) { return layer.sizes.size() == 3 && layer.on_path; });
}

std::string reason_for(const Network &network, size_t chosen) {
    const Layer &layer = network.layers[chosen];
    const std::string name = "'" + layer.path + "' is the last " + grid_of(layer) + " activation ";
    const std::string way = layer.is_only_way ? "that everything on the way to the output passes through"
                                              : "on the way to the output, though others by-pass it";
    const std::string tokens = tokens_follow(network, chosen)
                                   ? "; tokens follow it, so that one of their layers may explain more"
                                   : "";
    return name + way + ", and a gradient reaches it" + tokens + ".";
}

} // namespace

AutomaticLayer choose_layer(const Network &network) {
    const std::vector<size_t> candidates = automatic_candidates(network.layers);
    if (candidates.empty()) {
        return {std::nullopt, "The network has no activation of rank 4 larger than 1x1 behind weights on the way to "
                              "its output: there is no grid to draw a map on."};
    }
    const size_t tries = std::min(candidates.size(), maximum_tries);
    for (size_t index = 0; index < tries; ++index) {
        if (gradient_reaches(network, candidates[index])) {
            return {candidates[index], reason_for(network, candidates[index])};
        }
    }
    const Layer &layer = network.layers[candidates[0]];
    return {candidates[0], "'" + layer.path + "' is the last " + grid_of(layer) +
                               " activation on the way to the output, but no gradient reaches it: EigenCAM alone can "
                               "explain it."};
}

} // namespace ctorch
