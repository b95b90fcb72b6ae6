#include "interface.hpp"
#include "status.hpp"

#include <algorithm>

using namespace ctorch;

namespace {

CTorchStatus *hand_out(const at::Tensor *tensor, CTorchShape *ret_shape, const float **ret_values) {
    return guarded([&] {
        require(tensor != nullptr && ret_shape != nullptr && ret_values != nullptr,
                "A pass and places for shape and values are needed.");
        const auto rank = static_cast<size_t>(tensor->dim());
        if (rank > std::size(ret_shape->sizes)) {
            throw Failure(CTorchCodeUnsupportedModel, "The network's output has more than six dimensions.");
        }
        *ret_shape = shape_of(tensor->sizes().vec());
        *ret_values = tensor->data_ptr<float>();
    });
}

void require_terms(const CTorchTarget &target) {
    require(target.terms != nullptr && target.term_count > 0, "A target has at least one term.");
}

} // namespace

void ctorch_pass_free(CTorchPass *pass) { delete pass; }

CTorchStatus *ctorch_pass_output(CTorchPass *pass, CTorchShape *ret_shape, const float **ret_values) {
    return hand_out(pass == nullptr ? nullptr : &pass->output, ret_shape, ret_values);
}

CTorchStatus *ctorch_pass_logits(CTorchPass *pass, CTorchShape *ret_shape, const float **ret_values) {
    return hand_out(pass == nullptr ? nullptr : &pass->logits, ret_shape, ret_values);
}

CTorchStatus *ctorch_pass_differentiate(CTorchPass *pass, const CTorchTarget *targets, size_t count) {
    return guarded([&] {
        require(pass != nullptr && (targets != nullptr || count == 0), "A pass and targets are needed.");
        for (size_t index = 0; index < count; ++index) require_terms(targets[index]);
        pass->pass.differentiate(std::vector<CTorchTarget>(targets, targets + count));
    });
}

CTorchStatus *ctorch_pass_grid(CTorchPass *pass, size_t layer, size_t *ret_height, size_t *ret_width) {
    return guarded([&] {
        require(pass != nullptr && ret_height != nullptr && ret_width != nullptr,
                "A pass and places for the grid's size are needed.");
        require(layer < pass->pass.layer_count(), "The plan has no such layer.");
        const at::Tensor activation = pass->pass.activation(layer, 0);
        *ret_height = static_cast<size_t>(activation.size(1));
        *ret_width = static_cast<size_t>(activation.size(2));
    });
}

CTorchStatus *ctorch_pass_explain(CTorchPass *pass, size_t layer, CTorchTarget target, CTorchMethod method,
                                  size_t capacity, float *ret_values, size_t *ret_height, size_t *ret_width) {
    return guarded([&] {
        require(pass != nullptr && ret_values != nullptr && ret_height != nullptr && ret_width != nullptr,
                "A pass and places for the map and its size are needed.");
        require(layer < pass->pass.layer_count(), "The plan has no such layer.");
        require_terms(target);
        const at::Tensor map = pass->pass.explain(layer, target, method);
        require(static_cast<size_t>(map.numel()) <= capacity, "The map does not fit into the capacity.");
        std::copy_n(map.data_ptr<float>(), map.numel(), ret_values);
        *ret_height = static_cast<size_t>(map.size(0));
        *ret_width = static_cast<size_t>(map.size(1));
    });
}
