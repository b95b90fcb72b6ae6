// The ready-made passes of libtorch are not used: on 1.13 ConvertFrozenOpsToMKLDNN computes MobileNetV3 wrongly.
#include "fused_convolution.hpp"
#include "optimization.hpp"
#include "zero_padding.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

namespace ctorch {
namespace {

using torch::jit::WithInsertPoint;

std::vector<Convolution> convolutions_of(Graph &graph) {
    std::vector<Convolution> convolutions;
    for (Node *node : graph.nodes()) {
        if (const auto convolution = Convolution::read(node)) convolutions.push_back(*convolution);
    }
    return convolutions;
}

/// The same, with the zeros around their inputs as their own padding. Not where an operator in between might change the
/// input in place.
std::vector<Convolution> with_zeros_around(std::vector<Convolution> convolutions, const std::shared_ptr<Graph> &graph) {
    const torch::jit::AliasDb aliases(graph);
    for (Convolution &convolution : convolutions) {
        const Convolution whole = with_zeros_around(convolution, can_pad_unevenly);
        if (!aliases.hasWriters(whole.input())) convolution = whole;
    }
    return convolutions;
}

/// A further input of the graph that stands for what was packed.
Value *add_input(Graph &graph, std::vector<c10::IValue> &packed, c10::IValue own) {
    Value *weights = graph.addInput();
    weights->setType(own.type());
    packed.push_back(std::move(own));
    return weights;
}

std::vector<MeasuredSizes> measure(Graph &graph, const std::vector<Convolution> &convolutions,
                                   const at::Tensor &probe) {
    std::vector<Value *> values;
    for (const Convolution &convolution : convolutions) {
        Value *other = addend(convolution);
        Value *result = convolution.node->output();
        values.insert(values.end(), {convolution.input(), result, other == nullptr ? result : other});
    }
    const std::vector<Sizes> sizes = measure_sizes(graph, values, probe);
    std::vector<MeasuredSizes> measured;
    for (size_t index = 0; index < sizes.size(); index += 3) {
        measured.push_back({sizes[index], sizes[index + 1], sizes[index + 2]});
    }
    return measured;
}

} // namespace

std::vector<c10::IValue> pack_convolutions(const std::shared_ptr<Graph> &graph, const at::Tensor &probe,
                                           Precision precision) {
    std::vector<c10::IValue> packed;
    if (!can_fuse_convolutions()) return packed;

    const std::vector<Convolution> convolutions = with_zeros_around(convolutions_of(*graph), graph);
    const std::vector<MeasuredSizes> sizes = measure(*graph, convolutions, probe);

    for (size_t index = 0; index < convolutions.size(); ++index) {
        const Convolution &convolution = convolutions[index];
        const Sizes &input = sizes[index].input;
        if (input.size() != 4) continue;
        Epilogue epilogue = epilogue_of(convolution, sizes[index], can_add_to_activation);
        // The sum of two convolutions is taken by the first one.
        if (epilogue.last->output()->uses().empty()) epilogue = activation_of(convolution);
        c10::IValue own = packed_weights(convolution, epilogue, input, precision);
        if (own.isNone()) continue;
        Value *weights = add_input(*graph, packed, std::move(own));
        WithInsertPoint at(epilogue.last);
        Node *fused = graph->insertNode(fused_call(*graph, convolution, epilogue, weights));
        fused->output()->setType(c10::TensorType::get());
        epilogue.last->output()->replaceAllUsesWith(fused->output());
    }
    torch::jit::EliminateDeadCode(graph);
    overwrite_addends(*graph);
    if (precision == Precision::bfloat16) keep_bfloat16_between_convolutions(graph);
    return packed;
}

std::vector<c10::IValue> pack_differentiable_convolutions(const std::shared_ptr<Graph> &graph, Precision precision) {
    std::vector<c10::IValue> packed;
    if (!can_differentiate || !can_fuse_convolutions()) return packed;
    for (const Convolution &convolution : convolutions_of(*graph)) {
        c10::IValue own = packed_weights(convolution, Epilogue{convolution.node}, {}, precision);
        Value *weights = add_input(*graph, packed, std::move(own));
        WithInsertPoint at(convolution.node);
        Node *call = graph->insertNode(differentiable_call(*graph, convolution, weights));
        call->output()->setType(c10::TensorType::get());
        convolution.node->output()->replaceAllUsesWith(call->output());
    }
    torch::jit::EliminateDeadCode(graph);
    return packed;
}

} // namespace ctorch
