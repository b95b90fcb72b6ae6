#pragma once

#include "epilogue.hpp"

#include <ATen/core/Tensor.h>

#include <dnnl.hpp>

namespace ctorch::onednn {

using tag = dnnl::memory::format_tag;
using type = dnnl::memory::data_type;

dnnl::engine &engine();
dnnl::stream &stream();

/// Memory of this thread that a primitive may use while it runs.
dnnl::memory scratchpad(const dnnl::memory::desc &description);

/// - type: float32 or bfloat16.
type type_of(at::ScalarType type);

dnnl::memory::desc description(const Sizes &sizes, tag format, type values = type::f32);
dnnl::memory memory_of(const at::Tensor &tensor, const dnnl::memory::desc &description);

/// The memory in another format.
dnnl::memory reordered(dnnl::memory memory, const dnnl::memory::desc &description);

/// The tensor in float32 or bfloat16, rounded to the nearest; itself where it has that type.
at::Tensor converted(const at::Tensor &tensor, at::ScalarType type);

/// The activation in place; an empty primitive for none.
dnnl::primitive elementwise(const dnnl::memory::desc &description, const FusedActivation &activation);

void append(dnnl::post_ops &operations, const FusedActivation &activation);

} // namespace ctorch::onednn
