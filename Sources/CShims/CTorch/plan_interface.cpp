#include "interface.hpp"
#include "status.hpp"

#include <ATen/ATen.h>

#include <set>
#include <string>

using namespace ctorch;

namespace ctorch {

void require_sizes(const CTorchShape &shape, bool zero_allowed) {
    int64_t count = 1;
    for (int32_t index = 0; index < 4; ++index) {
        const int64_t size = shape.sizes[index];
        require(size > 0 || (zero_allowed && size == 0), "The sizes of an input are positive.");
        if (size > 0) require(size <= maximum_element_count / count, "The input is too large.");
        count *= size > 0 ? size : 1;
    }
}

} // namespace ctorch

namespace {

std::vector<size_t> chosen_layers(const CTorchModel &model, const char *const *layers, size_t count) {
    if (count == 0) {
        if (!model.automatic.index) throw Failure(CTorchCodeNoLayer, model.automatic.reason);
        return {*model.automatic.index};
    }
    require(layers != nullptr, "The layers are missing.");
    std::vector<size_t> chosen;
    for (size_t index = 0; index < count; ++index) {
        require(layers[index] != nullptr, "A layer is missing.");
        chosen.push_back(layer_named(model.network.layers, layers[index]));
    }
    require(std::set<size_t>(chosen.begin(), chosen.end()).size() == count, "A layer is named twice.");
    return chosen;
}

at::Tensor visible(const at::Tensor &tensor) {
    const at::Tensor own = tensor.detach();
    return own.to(at::kFloat).contiguous();
}

Pass run(const Plan &plan, const at::Tensor &image) {
    try {
        return plan.run(image);
    } catch (const std::exception &error) {
        // With the probe's size it ran: another size is then what is wrong.
        const Sizes sizes = image.sizes().vec();
        const bool is_known = sizes == plan.probe_sizes();
        throw failure_of(error, is_known ? CTorchCodeRuntime : CTorchCodeInputRejected,
                         "The network does not run with an input of shape " + text_of(sizes));
    }
}

} // namespace

CTorchStatus *ctorch_plan_make(const CTorchModel *model, const char *const *layers, size_t count,
                               CTorchPrecision precision, CTorchPlan **ret_plan) {
    return guarded([&] {
        require(model != nullptr && ret_plan != nullptr, "A model and a place for the plan are needed.");
        const std::vector<size_t> chosen = chosen_layers(*model, layers, count);
        auto plan = std::make_unique<CTorchPlan>(
            CTorchPlan{precision == CTorchPrecisionBFloat16 ? Plan::in_bfloat16(model->network, chosen)
                                                            : Plan::checked(model->network, chosen)});
        *ret_plan = plan.release();
    });
}

void ctorch_plan_free(CTorchPlan *plan) { delete plan; }

size_t ctorch_plan_layer_count(const CTorchPlan *plan) { return plan->plan.layers().size(); }

size_t ctorch_plan_packed_convolution_count(const CTorchPlan *plan) { return plan->plan.packed_convolution_count(); }

const char *ctorch_plan_layer_path(const CTorchPlan *plan, size_t index) {
    return index < plan->plan.layers().size() ? plan->plan.layers()[index].path.c_str() : "";
}

CTorchShape ctorch_plan_layer_shape(const CTorchPlan *plan, size_t index) {
    return index < plan->plan.layers().size() ? shape_of(plan->plan.layers()[index].sizes) : CTorchShape{};
}

bool ctorch_plan_gradient_flows(const CTorchPlan *plan, size_t index) {
    return index < plan->plan.layers().size() && plan->plan.gradient_flows(index);
}

CTorchStatus *ctorch_plan_forward(CTorchPlan *plan, const float *values, CTorchShape shape, CTorchPass **ret_pass) {
    return guarded([&] {
        require(plan != nullptr && values != nullptr && ret_pass != nullptr,
                "A plan, values and a place for the pass are needed.");
        require(shape.rank == 4, "The input's shape is N,C,H,W.");
        require_sizes(shape, /*zero_allowed=*/false);
        // libtorch has no tensor over constant memory; Plan::run copies before anything could write.
        const at::Tensor image = at::from_blob(const_cast<float *>(values), at::IntArrayRef(shape.sizes, 4),
                                               at::TensorOptions(at::kFloat));
        Pass pass = run(plan->plan, image);
        const bool is_single = shape.sizes[0] == 1;
        const bool has_batch = pass.output().dim() > 0 && pass.output().size(0) == shape.sizes[0];
        if (!is_single && !has_batch) {
            throw Failure(CTorchCodeInputRejected, "The network takes one image at a time: its output has no row for "
                                                   "every image of the batch.");
        }
        at::Tensor output = visible(pass.output());
        at::Tensor logits = visible(pass.logits());
        *ret_pass = new CTorchPass{std::move(pass), std::move(output), std::move(logits)};
    });
}
