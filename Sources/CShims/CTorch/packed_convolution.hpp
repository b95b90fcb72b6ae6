#pragma once

#include "convolution_primitive.hpp"

#include <torch/custom_class.h>

#include <mutex>

namespace ctorch {

/// A convolution as a constant of a graph: what oneDNN made for the input sizes that it met.
class PackedConvolution : public torch::CustomClassHolder {
public:
    explicit PackedConvolution(FusedConvolution convolution) : convolution_(std::move(convolution)) {}

    /// Whether oneDNN has an implementation for inputs of these sizes.
    bool suits(const Sizes &input) const;

    /// - addend: undefined where nothing is added; of the result's shape otherwise.
    /// - overwrite: whether the result may lie in the addend's memory.
    /// The result has the type of what is added, else of the input.
    at::Tensor run(const at::Tensor &input, const at::Tensor &addend = {}, bool overwrite = false) const;

    /// The same in float32, whatever the input's type is. For a convolution that adds nothing.
    at::Tensor run_to_float32(const at::Tensor &input) const;

    /// With respect to an input of these sizes, where nothing is computed with the convolution, which pads evenly.
    /// - gradient: with respect to the result.
    at::Tensor gradient(const at::Tensor &gradient, const Sizes &input) const;

private:
    /// Whether an input or result of this type is met by oneDNN.
    bool knows(at::ScalarType type) const;

    struct Made {
        TypedSizes input;
        TypedSizes result;
        int threads;
        std::shared_ptr<const ConvolutionPrimitive> primitive;   ///< nullptr: oneDNN has none.
    };

    std::shared_ptr<const ConvolutionPrimitive> primitive(const TypedSizes &input,
                                                          const TypedSizes &result) const;
    at::Tensor run(const at::Tensor &input, at::ScalarType result, const at::Tensor &addend, bool overwrite) const;

    FusedConvolution convolution_;
    mutable std::mutex mutex_;
    mutable std::vector<Made> made_;   ///< The last one used comes last.
    mutable std::once_flag transposed_is_made_;
    mutable std::unique_ptr<const PackedConvolution> transposed_;
};

} // namespace ctorch
