#pragma once

#include "epilogue.hpp"

#include <ATen/core/Tensor.h>

#include <dnnl.hpp>

namespace ctorch::onednn {

using tag = dnnl::memory::format_tag;

dnnl::engine &engine();
dnnl::stream &stream();

/// Memory of this thread that a primitive may use while it runs.
dnnl::memory scratchpad(const dnnl::memory::desc &description);

dnnl::memory::desc description(const Sizes &sizes, tag format);
dnnl::memory memory_of(const at::Tensor &tensor, const dnnl::memory::desc &description);

/// The memory in another format.
dnnl::memory reordered(dnnl::memory memory, const dnnl::memory::desc &description);

/// The activation in place; an empty primitive for none.
dnnl::primitive elementwise(const dnnl::memory::desc &description, const FusedActivation &activation);

void append(dnnl::post_ops &operations, const FusedActivation &activation);

} // namespace ctorch::onednn
