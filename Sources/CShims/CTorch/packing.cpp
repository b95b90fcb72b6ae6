// oneDNN's convolutions with packed weights. libtorch 1.13 knows mkldnn_prepacked::conv2d_run, which can apply a ReLU;
// libtorch 2 has mkldnn::_convolution_pointwise, which can apply most activations, and a sum with one.
// The ready-made passes of libtorch are not used: on 1.13 ConvertFrozenOpsToMKLDNN computes MobileNetV3 wrongly.
#include "convolution.hpp"
#include "optimization.hpp"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/version.h>

#include <algorithm>
#include <string>

namespace ctorch {
namespace {

using torch::jit::WithInsertPoint;

#if TORCH_VERSION_MAJOR < 2
constexpr const char *packing_operator = "mkldnn_prepacked::conv2d_prepack";
#else
constexpr const char *packing_operator = "mkldnn::_reorder_convolution_weight";
#endif

/// What follows a convolution and is computed with it.
struct Epilogue {
    explicit Epilogue(Node *last) : last(last) {}

    Node *last;                      ///< The node whose output the fused call replaces.
    std::string activation = "none"; ///< oneDNN's name.
    std::vector<double> parameters;
    Value *addend = nullptr;         ///< Added before the activation.
};

/// Sizes on the probe around a convolution.
struct MeasuredSizes {
    Sizes input;
    Sizes result;
    Sizes addend;
};

/// What is added to the convolution's result, where an addition alone reads it; else nullptr.
Value *addend(const Convolution &convolution) {
    const Node *reader = only_reader(convolution.node);
    if (reader == nullptr || !is_one_of(reader, {"aten::add"}) || !is_tensor(reader->input(1))) return nullptr;
    Value *own = convolution.node->output();
    Value *other = reader->input(0) == own ? reader->input(1) : reader->input(0);
    return other == own || torch::jit::toIValue(other) ? nullptr : other;
}

std::vector<MeasuredSizes> measure(Graph &graph, const std::vector<Convolution> &convolutions,
                                   const at::Tensor &probe) {
    std::vector<Value *> values;
    for (const Convolution &convolution : convolutions) {
        Value *other = addend(convolution);
        Value *result = convolution.node->output();
        values.insert(values.end(), {convolution.node->input(0), result, other == nullptr ? result : other});
    }
    const std::vector<Sizes> sizes = measure_sizes(graph, values, probe);
    std::vector<MeasuredSizes> measured;
    for (size_t index = 0; index < sizes.size(); index += 3) {
        measured.push_back({sizes[index], sizes[index + 1], sizes[index + 2]});
    }
    return measured;
}

bool is_available() {
    const at::Context &context = at::globalContext();
    return context.hasMKLDNN() && context.userEnabledMkldnn() &&
           c10::Dispatcher::singleton().findSchema({packing_operator, ""});
}

c10::IValue call(const char *name, Stack arguments) {
    c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
    return arguments.at(0);
}

bool take_relu(Node *node, Epilogue &epilogue) {
    if (node == nullptr || !is_one_of(node, {"aten::relu", "aten::relu_"})) return false;
    epilogue.last = node;
    epilogue.activation = "relu";
    return true;
}

#if TORCH_VERSION_MAJOR < 2

Epilogue epilogue_of(const Convolution &convolution, const MeasuredSizes & /*sizes*/) {
    Epilogue epilogue{convolution.node};
    take_relu(only_reader(convolution.node), epilogue);
    return epilogue;
}

c10::IValue packed_weights(const Convolution &convolution, const Epilogue &epilogue, const Sizes &input) {
    return call(packing_operator, {convolution.weights, convolution.bias, convolution.stride, convolution.padding,
                                   convolution.dilation, convolution.groups, input, epilogue.activation});
}

Node *fused_call(Graph &graph, const Convolution &convolution, const Epilogue & /*epilogue*/, Value *weights) {
    // conv2d_run of 1.13 gave garbage for some strided inputs; dense channels-last ones are right.
    Value *format = graph.insertConstant(static_cast<int64_t>(at::MemoryFormat::ChannelsLast));
    Node *dense = graph.insertNode(graph.create(symbol("aten::contiguous"), {convolution.node->input(0), format}, 1));
    return graph.create(symbol("mkldnn_prepacked::conv2d_run"), {dense->output(), weights}, 1);
}

#else

bool take_activation(Node *node, Epilogue &epilogue) {
    if (take_relu(node, epilogue)) return true;
    if (node == nullptr) return false;
    Epilogue taken{node};
    if (is_one_of(node, {"aten::silu", "aten::silu_"})) {
        taken.activation = "swish";
    } else if (is_one_of(node, {"aten::hardswish", "aten::hardswish_"})) {
        taken.activation = "hardswish";
    } else if (is_one_of(node, {"aten::sigmoid", "aten::sigmoid_"})) {
        taken.activation = "sigmoid";
    } else if (is_one_of(node, {"aten::relu6", "aten::relu6_"})) {
        taken.activation = "hardtanh";
        taken.parameters = {0, 6};
    } else if (is_one_of(node, {"aten::hardtanh", "aten::hardtanh_"})) {
        const auto low = torch::jit::toIValue(node->input(1));
        const auto high = torch::jit::toIValue(node->input(2));
        if (!low || !high || !low->isScalar() || !high->isScalar()) return false;
        taken.activation = "hardtanh";
        taken.parameters = {low->toScalar().toDouble(), high->toScalar().toDouble()};
    } else {
        return false;
    }
    epilogue = taken;
    return true;
}

bool take_addition(Node *node, const Convolution &convolution, const MeasuredSizes &sizes, Epilogue &epilogue) {
    Value *other = addend(convolution);
    if (other == nullptr) return false;
    const auto factor = torch::jit::toIValue(node->input(2));
    const bool is_plain = factor && factor->isInt() && factor->toInt() == 1;
    // Both must have one shape, whatever the input's size: 1 x 1 could be stretched.
    const bool is_map = sizes.result.size() == 4 && sizes.result[2] * sizes.result[3] > 1;
    if (!is_plain || !is_map || sizes.addend != sizes.result) return false;
    epilogue.last = node;
    epilogue.addend = other;
    take_relu(only_reader(node), epilogue);
    return true;
}

Epilogue epilogue_of(const Convolution &convolution, const MeasuredSizes &sizes) {
    Epilogue epilogue{convolution.node};
    Node *reader = only_reader(convolution.node);
    if (!take_activation(reader, epilogue)) take_addition(reader, convolution, sizes, epilogue);
    return epilogue;
}

c10::IValue packed_weights(const Convolution &convolution, const Epilogue & /*epilogue*/, const Sizes &input) {
    return call(packing_operator, {convolution.weights, convolution.padding, convolution.stride, convolution.dilation,
                                   convolution.groups, input});
}

Node *fused_call(Graph &graph, const Convolution &convolution, const Epilogue &epilogue, Value *weights) {
    const auto constant = [&](const c10::IValue &value) { return graph.insertConstant(value); };
    std::vector<Value *> scalars;
    for (const double parameter : epilogue.parameters) scalars.push_back(constant(parameter));
    const c10::TypePtr scalar_type = c10::OptionalType::create(c10::NumberType::get());
    Value *parameters = graph.insertNode(graph.createList(scalar_type, scalars))->output();
    Value *none = constant(c10::IValue());
    std::vector<Value *> inputs{convolution.node->input(0)};
    if (epilogue.addend != nullptr) inputs.push_back(epilogue.addend);
    inputs.insert(inputs.end(), {weights, constant(convolution.bias), constant(convolution.padding),
                                 constant(convolution.stride), constant(convolution.dilation),
                                 constant(convolution.groups)});
    if (epilogue.addend == nullptr) {
        inputs.insert(inputs.end(), {constant(epilogue.activation), parameters, none});
    } else {
        Value *activation = epilogue.activation == "none" ? none : constant(epilogue.activation);
        inputs.insert(inputs.end(), {constant("add"), constant(at::Scalar(1.0)), activation, parameters, none});
    }
    return graph.create(symbol("mkldnn::_convolution_pointwise"), inputs, 1);
}

#endif

} // namespace

std::vector<c10::IValue> pack_convolutions(const std::shared_ptr<Graph> &graph, const at::Tensor &probe) {
    std::vector<c10::IValue> packed;
    if (!is_available()) return packed;

    std::vector<Convolution> convolutions;
    for (Node *node : graph->nodes()) {
        if (const auto convolution = Convolution::read(node)) convolutions.push_back(*convolution);
    }
    const std::vector<MeasuredSizes> sizes = measure(*graph, convolutions, probe);

    for (size_t index = 0; index < convolutions.size(); ++index) {
        Convolution &convolution = convolutions[index];
        const Sizes &input = sizes[index].input;
        if (input.size() != 4) continue;
        Epilogue epilogue = epilogue_of(convolution, sizes[index]);
        // The sum of two convolutions is taken by the first one.
        if (epilogue.last->output()->uses().empty()) epilogue = Epilogue{convolution.node};
        convolution.weights = convolution.weights.contiguous(at::MemoryFormat::ChannelsLast);
        packed.push_back(packed_weights(convolution, epilogue, input));
        Value *weights = graph->addInput();
        weights->setType(packed.back().type());
        WithInsertPoint at(epilogue.last);
        Node *fused = graph->insertNode(fused_call(*graph, convolution, epilogue, weights));
        fused->output()->setType(c10::TensorType::get());
        epilogue.last->output()->replaceAllUsesWith(fused->output());
    }
    torch::jit::EliminateDeadCode(graph);
    return packed;
}

} // namespace ctorch
