#include "plan.hpp"

#include "dependence.hpp"
#include "logits.hpp"
#include "optimization.hpp"
#include "threads.hpp"

#include <ATen/ATen.h>

#include <numeric>

namespace ctorch {
namespace {

/// The network's outputs, and the activations of these layers as further ones.
std::shared_ptr<Graph> graph_with_targets(const Network &network, const std::vector<size_t> &layers) {
    std::vector<size_t> outputs(network.score_count + network.part_count);
    std::iota(outputs.begin(), outputs.end(), size_t{0});
    for (const size_t layer : layers) outputs.push_back(network.layers.at(layer).output);
    return with_outputs(*network.graph, outputs);
}

/// The network's outputs that gradients are taken of.
std::vector<size_t> differentiated_outputs(const Network &network) {
    if (network.part_count == 0) return {network.score_count - 1};
    std::vector<size_t> parts(network.part_count);
    std::iota(parts.begin(), parts.end(), network.score_count);
    return parts;
}

} // namespace

Plan::Plan(const Network &network, const std::vector<size_t> &layers, Optimization optimization,
           Precision precision)
    : functions_(network.functions), probe_sizes_(network.probe_sizes), activation_(network.activation),
      score_count_(network.score_count), part_count_(network.part_count),
      is_channels_last_(optimization == Optimization::full), precision_(precision),
      gradient_flows_(layers.size(), false) {
    for (const size_t layer : layers) layers_.push_back(network.layers.at(layer));
    Split split = split_at_targets(graph_with_targets(network, layers), score_count_ + part_count_,
                                   differentiated_outputs(network));
    suffix_reads_image_ = split.suffix_reads_image;
    targets_ = split.targets;
    if (optimization == Optimization::full) {
        fold_for_inference(split.prefix);
        fold_for_gradients(split.suffix);
        make_weights_channels_last(*split.suffix);
    }
    // Before convolutions are packed: for the crops' many sizes that would take longer than it saves.
    find_branches(split);
    if (optimization == Optimization::full) {
        packed_weights_ = pack_convolutions(split.prefix, probe_image(probe_sizes_, 0), precision_);
        packed_weights_of_suffix_ = pack_differentiable_convolutions(split.suffix, precision_);
        reuse_memory(*split.prefix);
        use_vector_products(*split.suffix);
        make_weights_channels_last(*split.prefix);
    }
    prefix_ = std::make_unique<Program>(split.prefix, "prefix");
    suffix_ = std::make_unique<Program>(split.suffix, "suffix");
}

void Plan::find_branches(const Split &split) {
    Graph &suffix = *split.suffix;
    std::vector<Value *> layers;
    for (const Split::Target &target : targets_) {
        layers.push_back(target.is_inner ? suffix.outputs()[target.index] : suffix.inputs()[target.index]);
    }
    std::vector<Part> parts;
    for (size_t index = 0; index < part_count_; ++index) {
        Value *value = suffix.outputs()[score_count_ + index];
        Part part{{}, Branch::find(suffix, value, layers)};
        for (const Value *layer : layers) {
            part.depends_on.push_back(layer == value || values_behind(suffix, layer).count(value) > 0);
        }
        parts.push_back(std::move(part));
    }
    parts_ = std::make_shared<const std::vector<Part>>(std::move(parts));
}

Pass Plan::run(const at::Tensor &image) const {
    prepare_thread();
    const auto format = is_channels_last_ ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    // Always a copy: the network may write into it, and backward may read it.
    const at::Tensor input = image.clone(format);
    Stack values{input};
    {
        const at::NoGradGuard no_gradient;
        values.insert(values.end(), packed_weights_.begin(), packed_weights_.end());
        prefix_->run(values);
    }
    if (suffix_reads_image_) values.insert(values.begin(), input);

    const at::AutoGradMode gradient(true);
    std::vector<at::Tensor> activations(targets_.size());
    for (size_t index = 0; index < targets_.size(); ++index) {
        if (targets_[index].is_inner) continue;
        c10::IValue &value = values.at(targets_[index].index);
        // Two names of one value share the tensor.
        const bool is_ready = value.toTensor().requires_grad() || !value.toTensor().is_floating_point();
        if (!is_ready) value = value.toTensor().detach().requires_grad_();
        activations[index] = value.toTensor();
    }
    values.insert(values.end(), packed_weights_of_suffix_.begin(), packed_weights_of_suffix_.end());
    suffix_->run(values);
    for (size_t index = 0; index < targets_.size(); ++index) {
        if (targets_[index].is_inner) activations[index] = values.at(targets_[index].index).toTensor();
    }
    const at::Tensor output = values.at(0).toTensor();
    const at::Tensor logits = score_count_ > 1 ? values.at(1).toTensor() : target_from_output(output, activation_);
    std::vector<at::Tensor> parts;
    for (size_t index = 0; index < part_count_; ++index) parts.push_back(values.at(score_count_ + index).toTensor());
    return Pass(image.size(0), output, logits, std::move(parts), parts_, std::move(activations));
}

} // namespace ctorch
