#pragma once

#include <ATen/core/stack.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/interpreter.h>

#include <memory>

namespace ctorch {

using torch::jit::Graph;
using torch::jit::Stack;

/// A graph that can be run. The plain interpreter runs it operator by operator: the profiling executor of
/// torch::jit::Module would fuse activation and score into one autograd node from the second image on, and a gradient
/// with respect to the activation could no longer be asked for.
class Program {
public:
    Program(std::shared_ptr<Graph> graph, const char *name) : graph_(std::move(graph)), code_(graph_, name) {}

    /// Replaces the graph's inputs on the stack by its outputs.
    void run(Stack &stack) const { torch::jit::InterpreterState(code_).run(stack); }

private:
    std::shared_ptr<Graph> graph_;
    torch::jit::Code code_;
};

} // namespace ctorch
