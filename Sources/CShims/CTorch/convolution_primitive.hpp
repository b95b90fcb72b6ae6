#pragma once

#include "epilogue.hpp"
#include "precision.hpp"

#include <ATen/core/Tensor.h>

#include <memory>

namespace ctorch {

/// A convolution and what is computed with it, apart from any graph.
struct FusedConvolution {
    at::Tensor weights;          ///< out, in / groups, kernel height, kernel width; float32
    at::Tensor bias;             ///< Undefined where there is none.
    Sizes stride;
    Sizes padding;               ///< Zeros above and on the left.
    Sizes padding_behind;        ///< Below and on the right.
    Sizes dilation;
    int64_t groups;
    FusedActivation before_addition;
    bool adds;                   ///< Whether something is added.
    FusedActivation activation;
    Precision precision = Precision::float32;

    /// N,C,H,W of the result, or nothing where the input does not suit or the result is empty.
    std::optional<Sizes> result_sizes(const Sizes &input) const;

    /// The convolution that takes the gradient of the result to that of the input; where the stride is 1 alone.
    std::optional<FusedConvolution> transposed() const;

    /// The same by libtorch's operators.
    at::Tensor compute(const at::Tensor &input, const at::Tensor &addend) const;
};

/// Of a tensor that is float32 or bfloat16.
struct TypedSizes {
    Sizes sizes;
    at::ScalarType type;

    bool operator==(const TypedSizes &other) const { return sizes == other.sizes && type == other.type; }
};

/// oneDNN's code for a convolution of one input size, with the weights in the format that it asks for. May be used by
/// several threads.
class ConvolutionPrimitive {
public:
    virtual ~ConvolutionPrimitive() = default;

    /// input, result: dense in channels-last memory, of the sizes and types that it was made for. Where something is
    /// added, the result holds that before.
    virtual void run(const at::Tensor &input, at::Tensor &result) const = 0;

    /// The fastest one, by a rule: the same numbers at every start. Nothing where oneDNN has its slow reference alone.
    static std::shared_ptr<const ConvolutionPrimitive> make(const FusedConvolution &convolution,
                                                            const TypedSizes &input, const TypedSizes &result);
};

} // namespace ctorch
