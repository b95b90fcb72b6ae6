#pragma once

#include "program.hpp"

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <memory>
#include <vector>

namespace ctorch {

using torch::jit::Block;
using torch::jit::Node;
using torch::jit::Value;

using Sizes = std::vector<int64_t>;

/// Whether the node's operator is one of these, spelled as "aten::relu".
bool is_one_of(const Node *node, std::initializer_list<const char *> names);

c10::Symbol symbol(const char *name);

/// Whether the value is a tensor, neither an optional one nor a list.
bool is_tensor(const Value *value);

/// Whether values of the type can hold tensors: tensors, and lists, tuples, dictionaries, optionals of tensors.
bool carries_tensors(const c10::TypePtr &type);

/// Everything that a node reads: its inputs, and what its nested blocks capture or use.
std::vector<Value *> values_read(const Node *node);

/// The position of the argument `name` in the schema of the node's operator, or -1.
int argument(const Node *node, const char *name);

/// Every node of a block and of the blocks nested in it.
std::vector<Node *> all_nodes(Block *block);

/// Puts another operator with the same operands and the same single result in a node's place.
void replace_operator(Node *node, const std::string &name);

/// A copy of the graph with these of its outputs alone, without what nobody needs for them.
std::shared_ptr<Graph> with_outputs(Graph &graph, const std::vector<size_t> &kept);

/// The sizes of tensors of the graph's top block when it runs on `image`; an empty one where there is no tensor.
/// No tensor is kept longer than the run needs it.
std::vector<Sizes> measure_sizes(Graph &graph, const std::vector<Value *> &values, const at::Tensor &image);

} // namespace ctorch
