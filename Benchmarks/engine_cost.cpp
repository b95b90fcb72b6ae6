// What an explanation costs beside a plain forward pass: the engine's forward + Grad-CAM against the fastest plain
// forward of the same file on the same libtorch (frozen, channels last), interleaved.
//
//     engine_cost MODEL THREADS ROUNDS [SIDE]
#include "ctorch.h"

#include <torch/script.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

double milliseconds(const std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

template <typename Body> double timed(Body &&body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return milliseconds(start);
}

void check(CTorchStatus *status) {
    if (!status) return;
    std::fprintf(stderr, "engine_cost: %s\n", ctorch_status_message(status));
    std::exit(1);
}

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

} // namespace

int main(int count, char **arguments) {
    if (count < 4) {
        std::fprintf(stderr, "usage: engine_cost MODEL THREADS ROUNDS [SIDE]\n");
        return 64;
    }
    const char *file = arguments[1];
    const int threads = std::atoi(arguments[2]), rounds = std::atoi(arguments[3]);
    const int64_t side = count > 4 ? std::atoi(arguments[4]) : 224;
    ctorch_set_threads(threads);

    const CTorchShape shape{4, {1, 3, side, side}};
    CTorchModel *model = nullptr;
    CTorchPlan *plan = nullptr;
    check(ctorch_model_load(file, shape, &model));
    check(ctorch_plan_make(model, nullptr, 0, CTorchPrecisionFloat32, &plan));

    torch::manual_seed(0);
    const auto image = torch::randn({1, 3, side, side});
    auto loaded_module = torch::jit::load(file);
    loaded_module.eval();
    auto module = torch::jit::load(file);
    module.eval();
    const auto laid_out = image.contiguous(at::MemoryFormat::ChannelsLast);
    for (auto parameter : module.parameters())
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    auto frozen = torch::jit::freeze(module);

    const torch::NoGradGuard no_gradients;
    const auto plain = [&] { frozen.forward({laid_out}); };
    const auto loaded = [&] { loaded_module.forward({image}); };
    std::vector<float> map(1 << 16);
    const auto explained = [&] {
        CTorchPass *pass = nullptr;
        check(ctorch_plan_forward(plan, image.data_ptr<float>(), shape, &pass));
        CTorchShape output;
        const float *logits = nullptr;
        check(ctorch_pass_logits(pass, &output, &logits));
        const size_t classes = static_cast<size_t>(output.sizes[1]);
        const size_t best = static_cast<size_t>(std::max_element(logits, logits + classes) - logits);
        size_t height = 0, width = 0;
        const CTorchTerm term{best, 1};
        check(ctorch_pass_explain(pass, 0, {0, &term, 1}, CTorchMethodGradCAM, map.size(), map.data(), &height, &width));
        ctorch_pass_free(pass);
    };

    for (int round = 0; round < 10; ++round) {
        plain();
        loaded();
        explained();
    }
    std::vector<double> plain_times, loaded_times, explained_times;
    for (int round = 0; round < rounds; ++round) {
        plain_times.push_back(timed(plain));
        explained_times.push_back(timed(explained));
        loaded_times.push_back(timed(loaded));
    }
    const double base = quantile(plain_times, 0.5);
    const auto report = [&](const char *name, const std::vector<double> &times) {
        std::printf("| %s | %.2f | %.2f ... %.2f | %.2f |\n", name, quantile(times, 0.5), quantile(times, 0.25),
                    quantile(times, 0.75), quantile(times, 0.5) / base);
    };
    std::printf("libtorch %s, %s, %d thread(s), %d rounds, %s, layer %s\n\n", ctorch_version(),
                ctorch_cpu_capability(), threads, rounds, file, ctorch_plan_layer_path(plan, 0));
    std::printf("| what | median ms | quartiles ms | ratio |\n|---|---|---|---|\n");
    report("plain forward, frozen, channels last", plain_times);
    report("plain forward, as loaded", loaded_times);
    report("forward + Grad-CAM", explained_times);
    ctorch_plan_free(plan);
    ctorch_model_free(model);
    return 0;
}
