#include "archive.hpp"
#include "automatic.hpp"
#include "interface.hpp"
#include "status.hpp"
#include "threads.hpp"

#include <algorithm>

using namespace ctorch;

CTorchStatus *ctorch_archive_text(const char *path, const char *name, size_t capacity, char *ret_text,
                                  size_t *ret_length) {
    return guarded([&] {
        require(path != nullptr && name != nullptr && ret_text != nullptr && ret_length != nullptr,
                "A path, a name and places for the text and its length are needed.");
        const std::string text = text_in_archive(path, name, capacity);
        std::copy(text.begin(), text.end(), ret_text);
        *ret_length = text.size();
    });
}

CTorchStatus *ctorch_model_load(const char *path, CTorchShape input, CTorchModel **ret_model) {
    return guarded([&] {
        require(path != nullptr && ret_model != nullptr, "A path and a place for the model are needed.");
        require(input.rank == 0 || input.rank == 4, "The input's shape is N,C,H,W.");
        if (input.rank == 4) require_sizes(input, /*zero_allowed=*/true);
        prepare_thread();
        auto model = std::make_unique<CTorchModel>();
        model->network = load_network(path, input);
        model->automatic = choose_layer(model->network);
        *ret_model = model.release();
    });
}

void ctorch_model_free(CTorchModel *model) { delete model; }

CTorchShape ctorch_model_input(const CTorchModel *model) { return shape_of(model->network.probe_sizes); }

CTorchShape ctorch_model_output(const CTorchModel *model) { return shape_of(model->network.output_sizes); }

CTorchActivation ctorch_model_activation(const CTorchModel *model) { return model->network.activation; }

bool ctorch_model_logits_found(const CTorchModel *model) {
    return model->network.activation == CTorchActivationNone || model->network.score_count > 1;
}

size_t ctorch_model_layer_count(const CTorchModel *model) { return model->network.layers.size(); }

CTorchLayer ctorch_model_layer(const CTorchModel *model, size_t index) {
    if (index >= model->network.layers.size()) return CTorchLayer{"", "", {}, false, false};
    const Layer &layer = model->network.layers[index];
    return {layer.path.c_str(), layer.operation.c_str(), shape_of(layer.sizes), layer.on_path,
            model->automatic.index == index};
}

const char *ctorch_model_layer_reason(const CTorchModel *model) { return model->automatic.reason.c_str(); }

size_t ctorch_model_level_count(const CTorchModel *model) { return model->network.levels.size(); }

CTorchLevel ctorch_model_level(const CTorchModel *model, size_t index) {
    if (index >= model->network.levels.size()) return CTorchLevel{};
    const Level &level = model->network.levels[index];
    return {level.head_input, level.context, level.is_pointwise};
}
