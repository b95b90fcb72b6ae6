// libtorch 2 brings oneDNN's convolutions with packed weights, most activations, and a sum with one.
#include "fused_convolution.hpp"

#include <torch/version.h>

#if TORCH_VERSION_MAJOR >= 2

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace ctorch {

constexpr const char *packing_operator = "mkldnn::_reorder_convolution_weight";

const bool can_add_to_activation = false;
const bool can_pad_unevenly = false;
const bool can_differentiate = false;

bool can_fuse_convolutions() {
    const at::Context &context = at::globalContext();
    return context.hasMKLDNN() && context.userEnabledMkldnn() &&
           c10::Dispatcher::singleton().findSchema({packing_operator, ""});
}

c10::IValue packed_weights(const Convolution &convolution, const Epilogue & /*epilogue*/, const Sizes &input,
                           Precision /*precision*/) {
    const at::Tensor weights = convolution.weights.contiguous(at::MemoryFormat::ChannelsLast);
    Stack arguments{weights, convolution.padding, convolution.stride, convolution.dilation, convolution.groups, input};
    c10::Dispatcher::singleton().findSchemaOrThrow(packing_operator, "").callBoxed(&arguments);
    return arguments.at(0);
}

Node *fused_call(Graph &graph, const Convolution &convolution, const Epilogue &epilogue, Value *weights) {
    const auto constant = [&](const c10::IValue &value) { return graph.insertConstant(value); };
    std::vector<Value *> scalars;
    for (const double parameter : epilogue.activation.parameters) scalars.push_back(constant(parameter));
    const c10::TypePtr scalar_type = c10::OptionalType::create(c10::NumberType::get());
    Value *parameters = graph.insertNode(graph.createList(scalar_type, scalars))->output();
    Value *none = constant(c10::IValue());
    std::vector<Value *> inputs{convolution.input()};
    if (epilogue.addend != nullptr) inputs.push_back(epilogue.addend);
    inputs.insert(inputs.end(), {weights, constant(convolution.bias), constant(convolution.padding),
                                 constant(convolution.stride), constant(convolution.dilation),
                                 constant(convolution.groups)});
    const std::string &name = epilogue.activation.name;
    if (epilogue.addend == nullptr) {
        inputs.insert(inputs.end(), {constant(name), parameters, none});
    } else {
        Value *activation = epilogue.activation.is_none() ? none : constant(name);
        inputs.insert(inputs.end(), {constant("add"), constant(at::Scalar(1.0)), activation, parameters, none});
    }
    return graph.create(symbol("mkldnn::_convolution_pointwise"), inputs, 1);
}

Node *differentiable_call(Graph & /*graph*/, const Convolution &convolution, Value * /*weights*/) {
    return convolution.node;
}

void overwrite_addends(Graph & /*graph*/) {}

} // namespace ctorch

#endif
