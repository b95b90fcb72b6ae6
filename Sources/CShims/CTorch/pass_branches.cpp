// How a pass differentiates what lies in one cell of a part of the logits.
#include "pass.hpp"

#include "threads.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

namespace ctorch {
void Pass::differentiate(const std::vector<CTorchTarget> &targets) {
    std::vector<Key> keys;
    for (const CTorchTarget &target : targets) keys.push_back(key_of(target));
    prepare_thread();
    find_cells(keys);
}

void Pass::find_cells(const std::vector<Key> &targets) {
    const size_t known_count = cells_.size();
    std::vector<int64_t> elements;
    for (const Key &key : targets) {
        const bool is_known =
            std::any_of(cells_.begin(), cells_.end(), [&](const auto &cell) { return cell.first == key; });
        if (is_known) continue;
        cells_.emplace_back(key, std::nullopt);
        for (const auto &term : key.terms) elements.push_back(element_of(key.image, term.first));
    }
    if (elements.empty()) return;
    std::sort(elements.begin(), elements.end());
    elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
    const auto sources = find_sources(logits_, parts_, elements);
    std::vector<std::vector<size_t>> of_part(parts_.size());
    for (size_t index = known_count; index < cells_.size(); ++index) {
        auto &[key, cell] = cells_[index];
        std::vector<std::optional<Source>> own;
        for (const auto &term : key.terms) {
            const auto place = std::lower_bound(elements.begin(), elements.end(), element_of(key.image, term.first));
            own.push_back(sources[static_cast<size_t>(place - elements.begin())]);
        }
        cell = common_cell(own, key);
        if (cell) of_part[cell->part].push_back(index);
    }
    for (size_t part = 0; part < parts_.size(); ++part) {
        const auto &branch = known_parts_->at(part).branch;
        if (of_part[part].empty() || !branch || !is_finite(part)) continue;
        std::vector<CellTarget> cells;
        for (const size_t index : of_part[part]) cells.push_back(cells_[index].second->target);
        auto gradients = branch->differentiate(activations_.at(branch->layers()[0]).detach(), cells);
        for (size_t position = 0; position < cells.size(); ++position) {
            cells_[of_part[part][position]].second->gradients = std::move(gradients[position]);
        }
    }
}

std::optional<Pass::InCell> Pass::common_cell(const std::vector<std::optional<Source>> &sources, const Key &key) {
    if (sources.empty() || !sources[0]) return std::nullopt;
    const Source &first = *sources[0];
    InCell cell{first.part, {first.image, first.y, first.x, {}}, {}};
    for (size_t index = 0; index < sources.size(); ++index) {
        const auto &source = sources[index];
        const bool is_common = source && source->part == first.part && source->image == first.image &&
                               source->y == first.y && source->x == first.x;
        if (!is_common || source->image != static_cast<int64_t>(key.image)) return std::nullopt;
        cell.target.channels.emplace_back(source->channel, key.terms[index].second);
    }
    return cell;
}

bool Pass::is_finite(size_t part) const {
    // What is not finite anywhere would spread further in the whole suffix.
    const at::Tensor &start = activations_.at(known_parts_->at(part).branch->layers()[0]);
    const at::Tensor &end = parts_[part];
    return std::isfinite(start.detach().sum().item<double>()) && std::isfinite(end.detach().sum().item<double>());
}

bool Pass::agrees_with_branch(size_t part, double tolerance) const {
    const auto &branch = known_parts_->at(part).branch;
    const at::Tensor &values = parts_.at(part);
    if (!branch || !values.requires_grad() || values.dim() != 4) return false;
    // At a corner and in the middle.
    const int64_t channels = values.size(1);
    const std::vector<CellTarget> targets{{0, 0, 0, {{0, 1.0F}}},
                                          {0, values.size(2) / 2, values.size(3) / 2, {{channels - 1, 1.0F}}}};
    at::Tensor weights = at::zeros_like(values.detach());
    for (const CellTarget &target : targets) weights[0][target.channels[0].first][target.y][target.x] += 1;
    std::vector<at::Tensor> layers;
    for (const size_t layer : branch->layers()) layers.push_back(activations_.at(layer));
    const std::vector<at::Tensor> whole = torch::autograd::grad(
        {values}, layers, {weights}, /*retain_graph=*/true, /*create_graph=*/false, /*allow_unused=*/true);
    const auto found = branch->differentiate(layers[0].detach(), targets);
    for (size_t index = 0; index < layers.size(); ++index) {
        if (!whole[index].defined()) return false;
        at::Tensor difference = whole[index].select(0, 0).clone();
        for (const auto &gradients : found) {
            if (!gradients[index].values.defined()) return false;
            gradients[index].window_of(difference).sub_(gradients[index].values);
        }
        const double largest = whole[index].abs().max().item<double>();
        if (!(difference.abs().max().item<double>() <= tolerance * largest)) return false;
    }
    return true;
}

} // namespace ctorch
