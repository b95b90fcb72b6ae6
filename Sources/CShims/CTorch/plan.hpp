#pragma once

#include "network.hpp"
#include "pass.hpp"
#include "precision.hpp"
#include "split.hpp"

namespace ctorch {

/// A network cut at target layers, ready to run.
class Plan {
public:
    enum class Optimization {
        none,   ///< As the file says: for trying layers.
        full,   ///< Channels-last, folded, convolutions packed.
    };

    Plan(const Network &network, const std::vector<size_t> &layers, Optimization optimization,
         Precision precision = Precision::float32);

    /// The fastest plan that computes on the probe what the network itself computes, its gradients tried.
    static Plan checked(const Network &network, const std::vector<size_t> &layers);

    /// The same in bfloat16. Fails with PrecisionUnsupported where this processor or this network is not fit for it.
    static Plan in_bfloat16(const Network &network, const std::vector<size_t> &layers);

    /// - image: N,C,H,W float32; used, and copied where it must outlive the call.
    Pass run(const at::Tensor &image) const;

    /// Tries for every layer whether a gradient reaches it, with one probe after the other until it does.
    void try_gradients();

    const std::vector<Layer> &layers() const { return layers_; }
    const Sizes &probe_sizes() const { return probe_sizes_; }
    size_t packed_convolution_count() const { return packed_weights_.size() + packed_weights_of_suffix_.size(); }
    bool gradient_flows(size_t index) const { return gradient_flows_.at(index); }

    /// Gives up branches whose gradients are not those of the whole suffix.
    void try_branches();

private:
    void find_branches(const Split &split);
    /// How far the probe's scores lie from these, relative to the largest ones; infinite where they cannot be compared.
    double distance_from(const at::Tensor &scores) const;

    std::shared_ptr<torch::jit::CompilationUnit> functions_;   ///< See Network.
    std::vector<Layer> layers_;
    Sizes probe_sizes_;
    CTorchActivation activation_;
    size_t score_count_;
    size_t part_count_;
    bool is_channels_last_;
    Precision precision_;
    bool suffix_reads_image_ = false;
    std::vector<Split::Target> targets_;
    std::vector<c10::IValue> packed_weights_;             ///< Inputs of the prefix behind the image.
    std::vector<c10::IValue> packed_weights_of_suffix_;   ///< Inputs of the suffix behind all others.
    std::unique_ptr<Program> prefix_;
    std::unique_ptr<Program> suffix_;
    std::vector<bool> gradient_flows_;
    std::shared_ptr<const std::vector<Part>> parts_;   ///< Passes know them, too.
};

} // namespace ctorch
