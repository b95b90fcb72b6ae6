// torch 2 writes attention as one operator that libtorch 1.13 does not have. Without it no vision transformer that
// was exported by torch 2 loads there. Formula: the documentation of torch.nn.functional.scaled_dot_product_attention.
#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include <ATen/ATen.h>
#include <torch/library.h>

#include <cmath>
#include <limits>

namespace {

using OptionalTensor = c10::optional<at::Tensor>;

/// query, key, value: ..., tokens, channels. Dropout is for training: left out. Grouped queries are not known here.
at::Tensor attention(const at::Tensor &query, const at::Tensor &key, const at::Tensor &value,
                     const OptionalTensor &mask, double /*dropout*/, bool is_causal, c10::optional<double> scale,
                     bool enable_grouped_queries) {
    TORCH_CHECK(!enable_grouped_queries, "grouped queries in scaled_dot_product_attention need libtorch 2.5 or later");
    const double factor = scale ? *scale : 1.0 / std::sqrt(static_cast<double>(query.size(-1)));
    const double minus_infinity = -std::numeric_limits<double>::infinity();
    at::Tensor similarity = at::matmul(query, key.transpose(-2, -1)) * factor;
    if (is_causal) {
        const at::Tensor past = at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
        similarity = similarity.masked_fill(past.logical_not(), minus_infinity);
    }
    if (mask && mask->defined()) {
        similarity = mask->scalar_type() == at::kBool ? similarity.masked_fill(mask->logical_not(), minus_infinity)
                                                      : similarity + *mask;
    }
    return at::matmul(at::softmax(similarity, -1), value);
}

} // namespace

TORCH_LIBRARY_FRAGMENT(aten, library) {
    library.def("scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, "
                "float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
                attention);
}

#endif
