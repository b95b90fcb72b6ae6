#include "network.hpp"

#include "archive.hpp"
#include "convolution.hpp"
#include "dependence.hpp"
#include "evaluation.hpp"
#include "inline.hpp"
#include "logits.hpp"
#include "output.hpp"
#include "status.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/version.h>

namespace ctorch {
namespace {

using torch::jit::Module;

/// Sides of square inputs, the usual ones first.
constexpr int64_t common_sides[] = {224, 256, 299, 320, 384, 416, 448, 480, 512, 640, 128, 96, 64, 32, 28};

/// For operators that this libtorch does not know; empty for other failures.
std::string remedy_for(const std::string &failure) {
    if (failure.find("torchvision::nms") != std::string::npos) {
        return " The file runs non-maximum suppression itself: export it without nms, gradcamd does that.";
    }
    if (failure.find("Unknown builtin op") == std::string::npos) return "";
    return " Build gradcamd with a newer libtorch (LIBTORCH=/path), or export with an older PyTorch.";
}

Module load_module(const std::string &path) {
    require_torchscript(path);
    try {
        Module module = torch::jit::load(path, c10::Device(at::kCPU));
        module.eval();
        if (!module.find_method("forward")) {
            throw Failure(CTorchCodeUnsupportedModel, "'" + path + "' has no method forward.");
        }
        return module;
    } catch (const std::exception &error) {
        const Failure failure = failure_of(error, CTorchCodeUnsupportedModel,
                                           "libtorch " TORCH_VERSION " cannot load '" + path + "'");
        throw Failure(failure.code, std::string(failure.what()) + remedy_for(error.what()));
    }
}

/// The channels that the first convolution wants; 3 where there is none.
int64_t input_channels(Graph &graph) {
    for (const Node *node : all_nodes(graph.block())) {
        if (!is_one_of(node, {"aten::conv2d", "aten::_convolution"})) continue;
        const auto weights = torch::jit::toIValue(node->input(1));
        const auto groups = torch::jit::toIValue(node->input(node->inputs().size() > 8 ? 8 : 6));
        if (!weights || !weights->isTensor() || weights->toTensor().dim() != 4 || !groups || !groups->isInt()) continue;
        return weights->toTensor().size(1) * groups->toInt();
    }
    return 3;
}

at::Tensor run(Graph &graph, const Sizes &sizes, size_t output) {
    const at::NoGradGuard no_gradient;
    Stack stack{probe_image(sizes, 0)};
    Program(with_outputs(graph, {output}), "probe").run(stack);
    return stack.at(0).toTensor();
}

/// Finds a size that the network runs with, and keeps what it returns.
void probe(Network &network, const CTorchShape &input) {
    const bool is_given = input.rank == 4;
    const int64_t count = is_given && input.sizes[0] > 0 ? input.sizes[0] : 1;
    const int64_t channels = is_given && input.sizes[1] > 0 ? input.sizes[1] : input_channels(*network.graph);
    const bool has_size = is_given && input.sizes[2] > 0 && input.sizes[3] > 0;
    std::vector<Sizes> tried;
    if (has_size) {
        tried.push_back({count, channels, input.sizes[2], input.sizes[3]});
    } else {
        for (const int64_t side : common_sides) tried.push_back({count, channels, side, side});
    }
    std::string reason;
    for (const Sizes &sizes : tried) {
        try {
            network.probe_scores = run(*network.graph, sizes, 0);
            network.output_sizes = network.probe_scores.sizes().vec();
            network.probe_sizes = sizes;
            return;
        } catch (const std::exception &error) {
            if (is_out_of_memory(error)) throw;
            if (reason.empty()) reason = reason_of(error);
        }
    }
    const std::string remedy = has_size ? "" : " or any other common size; name the input size";
    throw Failure(CTorchCodeInputRejected,
                  "The network does not run with an image of " + text_of(tried[0]) + remedy + ": " + reason + ".");
}

/// Of these parts of the logits the ones that logits really depend on: where boxes and classes share a tensor that is
/// split later, the branch of the boxes is none of them.
std::vector<Value *> used_parts(Graph &graph, const std::vector<Value *> &parts, const at::Tensor &image) {
    if (parts.empty()) return {};
    std::vector<size_t> outputs{0, 1};
    const size_t first = graph.outputs().size();
    for (Value *part : parts) outputs.push_back(graph.registerOutput(part));
    const Program program(with_outputs(graph, outputs), "parts");
    while (graph.outputs().size() > first) graph.eraseOutput(graph.outputs().size() - 1);

    const at::AutoGradMode gradient(true);
    Stack values{image.detach().requires_grad_()};
    program.run(values);
    const at::Tensor output = values.at(0).toTensor();
    const at::Tensor logits = values.at(1).toTensor();
    std::vector<at::Tensor> tensors;
    for (size_t index = 2; index < values.size(); ++index) tensors.push_back(values[index].toTensor());
    // Coordinates are the same in both: they are no logits.
    const at::Tensor weights = (logits.detach() != output.detach()).to(logits.scalar_type());
    const std::vector<at::Tensor> gradients =
        torch::autograd::grad({logits}, tensors, {weights}, /*retain_graph=*/false, /*create_graph=*/false,
                              /*allow_unused=*/true);
    std::vector<Value *> used;
    for (size_t index = 0; index < parts.size(); ++index) {
        const at::Tensor &gradient_of_part = gradients[index];
        if (gradient_of_part.defined() && (gradient_of_part != 0).any().item<bool>()) used.push_back(parts[index]);
    }
    return used;
}

/// Whether a part is computed from another: then a gradient of both would count what they share twice.
bool are_nested(Graph &graph, const std::vector<Value *> &parts) {
    for (const Value *part : parts) {
        const auto behind = values_behind(graph, part);
        for (const Value *other : parts) {
            if (behind.count(other) > 0) return true;
        }
    }
    return false;
}

/// Whether what became a logit of a detector's row is one, its sigmoid the output; and whether objectness is not the only
/// one, while all classes are products of it.
bool are_logits_of(const at::Tensor &logits, const at::Tensor &output) {
    if (output.dim() != 3) return true;
    constexpr int64_t coordinates = 4;
    constexpr double closeness = 1e-3;
    const int64_t attributes = output.size(1) < output.size(2) ? 1 : 2;
    if (output.size(attributes) <= coordinates) return true;
    const at::Tensor first = output.select(attributes, coordinates);
    bool all_products = output.size(attributes) > coordinates + 1;
    for (int64_t index = coordinates; index < output.size(attributes); ++index) {
        const at::Tensor scores = output.select(attributes, index);
        const at::Tensor own = logits.select(attributes, index);
        const bool is_undone = (own != scores).any().item<bool>();
        if (is_undone && !((own.sigmoid() - scores).abs() <= closeness).all().item<bool>()) return false;
        if (index == coordinates) continue;
        all_products = all_products && !is_undone && (scores > 0).any().item<bool>() &&
                       ((scores >= 0).logical_and(scores <= first)).all().item<bool>();
    }
    return !all_products;
}

/// The logits and what they are put together from become further outputs of the graph.
void add_logits(Network &network, const FinalActivation &final_activation) {
    if (final_activation.logits == nullptr) return;
    Graph &graph = *network.graph;
    graph.block()->insertOutput(1, final_activation.logits);
    network.score_count = 2;
    const at::Tensor output = network.probe_scores;
    network.probe_scores = run(graph, network.probe_sizes, 1);
    if (!are_logits_of(network.probe_scores, output)) {
        // Something else happens to the scores, too: the target is computed from them.
        graph.block()->eraseOutput(1);
        network.score_count = 1;
        network.probe_scores = output;
        return;
    }
    std::vector<Value *> parts;
    try {
        parts = final_activation.picks_rows
                    ? final_activation.parts
                    : used_parts(graph, final_activation.parts, probe_image(network.probe_sizes, 0));
        if (are_nested(graph, parts)) parts.clear();
    } catch (const std::exception &error) {
        if (is_out_of_memory(error)) throw;
        // Then the logits are differentiated as a whole.
    }
    for (Value *part : parts) graph.block()->insertOutput(network.score_count + network.part_count++, part);
}

} // namespace

at::Tensor probe_image(const Sizes &sizes, size_t variant) {
    at::Generator generator = at::detail::createCPUGenerator(/*seed=*/20'170'718 + variant);
    if (variant == 1) return at::randn(sizes, generator, at::TensorOptions(at::kFloat));
    const at::Tensor uniform = at::rand(sizes, generator, at::TensorOptions(at::kFloat));
    return variant == 0 ? uniform : uniform * 255;
}

Network load_network(const std::string &path, const CTorchShape &input) {
    const Module module = load_module(path);
    Network network;
    network.functions = module._ivalue()->compilation_unit();
    std::vector<Activation> marked;
    try {
        InlinedForward forward = inline_forward(module);
        network.graph = std::move(forward.graph);
        adapt_to_evaluation(*network.graph);
        keep_first_tensor(network.graph);
        torch::jit::ConstantPropagation(network.graph);
        for (const size_t index : resolve_marks(network.graph)) marked.push_back(forward.activations.at(index));
        torch::jit::ConstantPropagation(network.graph);
        torch::jit::EliminateDeadCode(network.graph);
    } catch (const std::exception &error) {
        throw failure_of(error, CTorchCodeUnsupportedModel, "The network cannot be turned into one graph");
    }
    probe(network, input);

    const bool is_detector = network.output_sizes.size() == 3;
    const FinalActivation final_activation = find_final_activation(*network.graph, is_detector);
    network.activation = final_activation.kind;
    add_logits(network, final_activation);
    replace_views(network.graph);
    const at::Tensor image = probe_image(network.probe_sizes, 0);
    network.layers = find_layers(*network.graph, network.score_count, network.score_count + network.part_count, marked,
                                 image);
    if (is_detector) network.levels = find_levels(*network.graph, network.layers, network.probe_sizes);
    return network;
}

} // namespace ctorch
