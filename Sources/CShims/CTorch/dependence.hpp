#pragma once

#include "graph.hpp"

#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ctorch {

/// What is computed from `value`, at any remove.
std::unordered_set<const Value *> values_behind(Graph &graph, const Value *value);

/// Which tensors of a graph's top block carry the image to the output. Shapes do not count: what is computed from
/// `size()` alone does not depend on the image.
class Dependence {
public:
    /// - outputs: values of the top block that count as the output.
    Dependence(Graph &graph, const std::vector<Value *> &outputs);

    bool depends_on_image(const Value *value) const { return from_image_.count(value) > 0; }

    /// The image has met weights on the way to the value: it is not just the image, scaled or cut.
    bool is_learned(const Value *value) const { return learned_.count(value) > 0; }

    /// The output depends on the value.
    bool reaches_output(const Value *value) const { return to_output_.count(value) > 0; }

    /// Everything that reaches the output comes through the value: nothing by-passes it.
    bool is_only_way(const Value *value) const;

private:
    std::unordered_set<const Value *> from_image_;
    std::unordered_set<const Value *> learned_;
    std::unordered_set<const Value *> to_output_;
    std::unordered_map<const Node *, size_t> position_;
    std::unordered_map<const Value *, size_t> last_use_;  ///< Positions of the last readers on the way to the output.
};

} // namespace ctorch
