#pragma once

#include "ctorch.h"
#include "graph.hpp"
#include "marker.hpp"

#include <string>
#include <vector>

namespace ctorch {

/// A value of the network that can be explained.
struct Layer {
    std::string path;
    std::string operation;
    Sizes sizes;          ///< In the probe: N,C,H,W or N,T,C.
    size_t output = 0;    ///< The network graph's output that it is.
    bool on_path = false;
    bool is_only_way = false;  ///< The output depends on the image through it alone.
    bool is_learned = false;   ///< Behind weights.
    bool is_score = false;     ///< The network's output itself, or its logits.
};

/// How the N,T,C tokens of a transformer lie on a grid: the last side * side of them, row by row; the class token and
/// registers come before.
struct TokenGrid {
    int64_t side;
    int64_t extra_tokens;
};

/// More tokens than this before the grid, and it is no square grid.
constexpr int64_t maximum_extra_tokens = 8;

/// The largest square grid of at most `token_count` tokens.
TokenGrid token_grid(int64_t token_count);

/// Whether an activation of these sizes has a grid: N,C,H,W, or N,T,C whose tokens are at least 2 x 2.
bool has_grid(const Sizes &sizes);

/// The candidates in the order of computation.
/// - score_count: the graph's first outputs are the network's output and its logits.
/// - first: the graph's outputs from here on are the activations `marked`.
std::vector<Layer> find_layers(Graph &graph, size_t score_count, size_t first, const std::vector<Activation> &marked,
                               const at::Tensor &probe);

/// The layer of that path. Fails with NoLayer; the message names what is spelled nearly so.
size_t layer_named(const std::vector<Layer> &layers, const std::string &path);

/// Layers worth trying when nobody names one, best first: larger than 1 x 1, on the path to the output, and behind
/// weights. First those that nothing by-passes, the last one first; then the others behind them.
std::vector<size_t> automatic_candidates(const std::vector<Layer> &layers);

CTorchShape shape_of(const Sizes &sizes);

/// "1x3x224x224"
std::string text_of(const Sizes &sizes);

} // namespace ctorch
