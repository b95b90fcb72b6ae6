#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include "convolution_primitive.hpp"

#include "onednn.hpp"

#include <ATen/ATen.h>

#include <string_view>

namespace ctorch {
namespace {

using namespace onednn;
using dnnl::algorithm;
using Description = dnnl::convolution_forward::primitive_desc;

/// out, in, height, width; with groups before them where there are several.
dnnl::memory packed(const FusedConvolution &convolution, const dnnl::memory::desc &format) {
    const at::Tensor plain = convolution.weights.contiguous();
    const auto own = description(format.dims(), convolution.groups > 1 ? tag::goihw : tag::oihw);
    return reordered(memory_of(plain, own), format);
}

/// On tiles of 4 x 4 there are 36 products for each channel where a direct convolution has 144, and on those of 2 x 2,
/// which oneDNN often takes, 64.
constexpr std::string_view large_tiles = "jit_wino_4x3";

/// Whether the name of its implementation begins so.
bool is_of_kind(const Description &description, std::string_view kind) {
    return std::string_view(description.impl_info_str()).substr(0, kind.size()) == kind;
}

/// The same convolution on tiles of 4 x 4 where oneDNN has that, too, and it pays; else as it is. What `description`
/// was made of must still live.
Description on_large_tiles(const Description &description, const Sizes &result) {
    // Their weights are twice as large: small maps would wait for them.
    if (result[2] * result[3] < 20 * 20) return description;
    Description other = description;
    do {
        if (is_of_kind(other, large_tiles)) return other;
    } while (other.next_impl());
    return description;
}

/// oneDNN's convolution in these formats of input and result; nothing where it has its reference alone.
std::optional<Description> describe(const FusedConvolution &convolution, algorithm how, const dnnl::memory::desc &input,
                                    const dnnl::memory::desc &result, const dnnl::post_ops &operations,
                                    type multiplied = type::f32) {
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(operations);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    Sizes sizes = convolution.weights.sizes().vec();
    dnnl::memory::desc bias;
    if (convolution.bias.defined()) bias = description({sizes[0]}, tag::x);
    if (convolution.groups > 1) {
        sizes[0] /= convolution.groups;
        sizes.insert(sizes.begin(), convolution.groups);
    }
    // oneDNN counts the cells that are left out between two taps.
    const Sizes dilation{convolution.dilation[0] - 1, convolution.dilation[1] - 1};
    try {
        const dnnl::convolution_forward::desc operation(dnnl::prop_kind::forward_inference, how, input,
                                                        description(sizes, tag::any, multiplied), bias, result,
                                                        convolution.stride, dilation, convolution.padding,
                                                        convolution.padding_behind);
        Description found(operation, attributes, engine());
        if (is_of_kind(found, "ref")) return std::nullopt;
        return how == algorithm::convolution_winograd ? on_large_tiles(found, result.dims()) : found;
    } catch (const dnnl::error &error) {
        if (error.status == dnnl_out_of_memory) throw;
        return std::nullopt;
    }
}

/// One primitive, its weights and bias.
class Part {
public:
    Part(const FusedConvolution &convolution, const Description &description)
        : description_(description), primitive_(description),
          weights_(packed(convolution, description.weights_desc())) {
        if (convolution.bias.defined()) bias_ = convolution.bias.contiguous();
    }

    void run(const dnnl::memory &input, const dnnl::memory &result) const {
        std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SRC, input},
                                                        {DNNL_ARG_WEIGHTS, weights_},
                                                        {DNNL_ARG_DST, result},
                                                        {DNNL_ARG_SCRATCHPAD,
                                                         scratchpad(description_.scratchpad_desc())}};
        if (bias_.defined()) arguments.emplace(DNNL_ARG_BIAS, memory_of(bias_, description_.bias_desc()));
        primitive_.execute(stream(), arguments);
    }

private:
    Description description_;
    dnnl::convolution_forward primitive_;
    dnnl::memory weights_;
    at::Tensor bias_;
};

/// The sum of products as it stands, all else with it.
class Direct : public ConvolutionPrimitive {
public:
    Direct(const FusedConvolution &convolution, const Description &description, at::ScalarType multiplied)
        : type_(multiplied), input_(description.src_desc()), result_(description.dst_desc()),
          part_(convolution, description) {}

    void run(const at::Tensor &input, at::Tensor &result) const override {
        const at::Tensor own = converted(input, type_);
        part_.run(memory_of(own, input_), memory_of(result, result_));
    }

    /// - multiplied: the type that the input is converted to.
    static std::shared_ptr<const ConvolutionPrimitive> make(const FusedConvolution &convolution, const Sizes &input,
                                                            const TypedSizes &result, at::ScalarType multiplied) {
        const type own = type_of(multiplied);
        dnnl::post_ops operations;
        append(operations, convolution.before_addition);
        if (convolution.adds) operations.append_sum(1);
        append(operations, convolution.activation);
        const auto found = describe(convolution, algorithm::convolution_direct, description(input, tag::nhwc, own),
                                    description(result.sizes, tag::nhwc, type_of(result.type)), operations, own);
        return found ? std::make_shared<const Direct>(convolution, *found, multiplied) : nullptr;
    }

private:
    at::ScalarType type_;
    dnnl::memory::desc input_;
    dnnl::memory::desc result_;
    Part part_;
};

/// Winograd's algorithm (Lavin and Gray 2015, arXiv 1509.09308): a fraction of the products, in blocks of 16 channels.
/// Input and result are reordered, which costs less than is won where there are enough channels.
class Winograd : public ConvolutionPrimitive {
public:
    Winograd(const FusedConvolution &convolution, const Description &description, const TypedSizes &input,
             const TypedSizes &result)
        : input_(onednn::description(input.sizes, tag::nhwc, type_of(input.type))),
          result_(onednn::description(result.sizes, tag::nhwc, type_of(result.type))),
          blocked_input_(description.src_desc()), blocked_result_(description.dst_desc()),
          part_(convolution, description), gather_(reorder(input_, blocked_input_, false)),
          scatter_(reorder(blocked_result_, result_, convolution.adds)) {
        const FusedActivation &first = convolution.adds ? convolution.before_addition : convolution.activation;
        if (first.name != "relu") before_ = elementwise(blocked_result_, first);
        if (convolution.adds) after_ = elementwise(result_, convolution.activation);
    }

    void run(const at::Tensor &input, at::Tensor &result) const override {
        const auto bytes = [](const dnnl::memory::desc &blocked) {
            return at::empty({static_cast<int64_t>(blocked.get_size())}, at::kByte);
        };
        const at::Tensor input_bytes = bytes(blocked_input_);
        const at::Tensor result_bytes = bytes(blocked_result_);
        dnnl::memory blocked_input = memory_of(input_bytes, blocked_input_);
        dnnl::memory blocked_result = memory_of(result_bytes, blocked_result_);
        dnnl::memory end = memory_of(result, result_);
        run(gather_, memory_of(input, input_), blocked_input);
        part_.run(blocked_input, blocked_result);
        if (before_) run(before_, blocked_result, blocked_result);
        run(scatter_, blocked_result, end);
        if (after_) run(after_, end, end);
    }

    static std::shared_ptr<const ConvolutionPrimitive> make(const FusedConvolution &convolution,
                                                            const TypedSizes &input, const TypedSizes &result) {
        if (!is_worth_it(convolution, result.sizes)) return nullptr;
        const FusedActivation &first = convolution.adds ? convolution.before_addition : convolution.activation;
        dnnl::post_ops operations;
        if (first.name == "relu") append(operations, first);
        const auto found = describe(convolution, algorithm::convolution_winograd, description(input.sizes, tag::any),
                                    description(result.sizes, tag::any), operations);
        // On tiles of 4 x 4 float32 needs fewer products than bfloat16 wins; on smaller ones they are equally fast.
        if (found && convolution.precision == Precision::bfloat16 && !is_of_kind(*found, large_tiles)) return nullptr;
        return found ? std::make_shared<const Winograd>(convolution, *found, input, result) : nullptr;
    }

private:
    static bool is_worth_it(const FusedConvolution &convolution, const Sizes &result) {
        const at::Tensor &weights = convolution.weights;
        const bool fits = weights.size(2) == 3 && weights.size(3) == 3 && convolution.groups == 1 &&
                          convolution.stride == Sizes{1, 1} && convolution.dilation == Sizes{1, 1};
        const auto is_wide = [](int64_t channels) { return channels >= 32 && channels % 16 == 0; };
        // Small maps have less to compute than there are weights to be read, of which Winograd has more.
        return fits && is_wide(weights.size(0)) && is_wide(weights.size(1)) && result[2] * result[3] >= 10 * 10;
    }

    static dnnl::reorder reorder(const dnnl::memory::desc &from, const dnnl::memory::desc &to, bool adds) {
        dnnl::primitive_attr attributes;
        attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        dnnl::post_ops operations;
        if (adds) operations.append_sum(1);
        attributes.set_post_ops(operations);
        return dnnl::reorder(dnnl::reorder::primitive_desc(engine(), from, engine(), to, attributes));
    }

    void run(const dnnl::primitive &primitive, const dnnl::memory &from, const dnnl::memory &to) const {
        const dnnl::memory::desc needed(
            *dnnl_primitive_desc_query_md(primitive.get_primitive_desc(), dnnl_query_scratchpad_md, 0));
        primitive.execute(stream(),
                          {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}, {DNNL_ARG_SCRATCHPAD, scratchpad(needed)}});
    }

    dnnl::memory::desc input_;
    dnnl::memory::desc result_;
    dnnl::memory::desc blocked_input_;
    dnnl::memory::desc blocked_result_;
    Part part_;
    dnnl::primitive gather_;
    dnnl::primitive scatter_;
    dnnl::primitive before_;   ///< The activations that Winograd's code does not know.
    dnnl::primitive after_;
};

} // namespace

std::shared_ptr<const ConvolutionPrimitive> ConvolutionPrimitive::make(const FusedConvolution &convolution,
                                                                       const TypedSizes &input,
                                                                       const TypedSizes &result) {
    if (auto winograd = Winograd::make(convolution, input, result)) return winograd;
    // A convolution of each channel alone waits for memory: a conversion would cost more than it saves.
    const bool is_depthwise = convolution.groups > 1 && convolution.weights.size(1) == 1;
    const bool narrows = convolution.precision == Precision::bfloat16 &&
                         (input.type == at::kBFloat16 || !is_depthwise);
    if (narrows) {
        if (auto direct = Direct::make(convolution, input.sizes, result, at::kBFloat16)) return direct;
    }
    return result.type == at::kFloat ? Direct::make(convolution, input.sizes, result, at::kFloat) : nullptr;
}

} // namespace ctorch

#endif
