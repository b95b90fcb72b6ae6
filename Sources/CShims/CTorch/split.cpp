#include "split.hpp"

#include "status.hpp"

#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace ctorch {
namespace {

class Splitter {
public:
    Splitter(std::shared_ptr<Graph> graph, size_t output_count, const std::vector<size_t> &differentiated)
        : shared_graph_(std::move(graph)), graph_(*shared_graph_), output_count_(output_count),
          targets_(graph_.outputs().begin() + static_cast<std::ptrdiff_t>(output_count), graph_.outputs().end()) {
        for (const size_t index : differentiated) differentiated_.push_back(graph_.outputs()[index]);
    }

    Split run() {
        find_suffix();
        require_independent_writes();
        build_prefix();
        build_suffix();
        torch::jit::EliminateDeadCode(split_.prefix);
        torch::jit::EliminateDeadCode(split_.suffix);
        split_.prefix->lint();
        split_.suffix->lint();
        return std::move(split_);
    }

private:
    using ValueMap = std::unordered_map<const Value *, Value *>;

    Value *image() const { return graph_.inputs()[0]; }
    bool is_in_suffix(const Node *node) const { return suffix_nodes_.count(node) > 0; }

    /// The suffix is what lies between a target and what is differentiated, and what reads that.
    void find_suffix() {
        const torch::jit::AliasDb aliases(shared_graph_);
        std::unordered_set<const Value *> behind(targets_.begin(), targets_.end());
        std::vector<const Node *> nodes_behind;
        for (const Node *node : graph_.nodes()) {
            if (!reads_any(node, behind)) continue;
            nodes_behind.push_back(node);
            behind.insert(node->outputs().begin(), node->outputs().end());
        }
        // A write reaches those who read the memory, not those who read its result: it counts as differentiated.
        std::unordered_set<const Value *> needed(differentiated_.begin(), differentiated_.end());
        std::unordered_set<const Node *> between;
        for (auto node = nodes_behind.rbegin(); node != nodes_behind.rend(); ++node) {
            const bool is_needed = std::any_of((*node)->outputs().begin(), (*node)->outputs().end(),
                                               [&](const Value *value) { return needed.count(value) > 0; });
            if (!is_needed && !aliases.isMutable(const_cast<Node *>(*node))) continue;
            between.insert(*node);
            const std::vector<Value *> read = values_read(*node);
            needed.insert(read.begin(), read.end());
        }
        std::unordered_set<const Value *> computed;
        for (const Node *node : nodes_behind) {
            if (between.count(node) == 0 && !reads_any(node, computed)) continue;
            suffix_nodes_.insert(node);
            computed.insert(node->outputs().begin(), node->outputs().end());
        }
    }

    static bool reads_any(const Node *node, const std::unordered_set<const Value *> &values) {
        const std::vector<Value *> read = values_read(node);
        return std::any_of(read.begin(), read.end(), [&](Value *value) { return values.count(value) > 0; });
    }

    /// All of the prefix runs before any of the suffix. That must not turn a write and a read around.
    void require_independent_writes() {
        const torch::jit::AliasDb aliases(shared_graph_);
        std::vector<Node *> suffix_nodes;
        std::vector<Node *> suffix_writers;
        for (Node *node : graph_.nodes()) {
            if (node->kind() == c10::prim::Constant) continue;
            const bool writes = aliases.isMutable(node);
            if (is_in_suffix(node)) {
                suffix_nodes.push_back(node);
                if (writes) suffix_writers.push_back(node);
                continue;
            }
            const std::vector<Node *> &rivals = writes ? suffix_nodes : suffix_writers;
            for (Node *rival : rivals) {
                if (touches_same(node, rival, aliases)) throw_entangled(writes ? node : rival);
            }
        }
    }

    static bool touches_same(Node *left, Node *right, const torch::jit::AliasDb &aliases) {
        const std::vector<Value *> left_values = values_read(left);
        const std::vector<Value *> right_values = values_read(right);
        return std::any_of(left_values.begin(), left_values.end(), [&](Value *value) {
            return std::any_of(right_values.begin(), right_values.end(),
                               [&](Value *other) { return aliases.mayContainAlias(value, other); });
        });
    }

    [[noreturn]] static void throw_entangled(const Node *node) {
        throw Failure(CTorchCodeUnsupportedModel,
                      "The network cannot be split at this layer: an in-place operator (" +
                          std::string(node->kind().toQualString()) +
                          ") changes a value that both sides use; name another layer, or export without in-place "
                          "operators.");
    }

    void build_prefix() {
        split_.prefix = std::make_shared<Graph>();
        in_prefix_[image()] = split_.prefix->addInput("image");
        in_prefix_[image()]->setType(image()->type());
        for (Node *node : graph_.nodes()) {
            if (is_in_suffix(node)) continue;
            Node *copy = split_.prefix->createClone(node, [&](Value *value) { return in_prefix_.at(value); });
            split_.prefix->appendNode(copy);
            for (size_t index = 0; index < node->outputs().size(); ++index) {
                in_prefix_[node->outputs()[index]] = copy->outputs()[index];
            }
        }
    }

    void build_suffix() {
        split_.suffix = std::make_shared<Graph>();
        split_.suffix_reads_image = reads_image();
        if (split_.suffix_reads_image) {
            in_suffix_[image()] = split_.suffix->addInput("image");
            in_suffix_[image()]->setType(image()->type());
        }
        for (Value *target : targets_) {
            if (!is_in_suffix(target->node())) suffix_value(target);
        }
        for (Node *node : graph_.nodes()) {
            if (is_in_suffix(node)) copy_to_suffix(node);
        }
        for (size_t index = 0; index < output_count_; ++index) {
            split_.suffix->registerOutput(suffix_value(graph_.outputs()[index]));
        }
        for (Value *target : targets_) {
            Value *value = suffix_value(target);
            const bool is_inner = is_in_suffix(target->node());
            const size_t index = is_inner ? split_.suffix->registerOutput(value) : value->offset();
            split_.targets.push_back({is_inner, index});
        }
    }

    bool reads_image() const {
        const auto &uses = image()->uses();
        const bool is_output = std::find(graph_.outputs().begin(), graph_.outputs().end(), image()) !=
                               graph_.outputs().end();
        return is_output || std::any_of(uses.begin(), uses.end(), [&](const auto &use) {
            const Node *node = use.user;
            while (node->owningBlock() != graph_.block()) node = node->owningBlock()->owningNode();
            return is_in_suffix(node);
        });
    }

    void copy_to_suffix(Node *node) {
        // Crossing values first: a clone with nested blocks asks for what they capture only in the middle.
        for (Value *value : values_read(node)) {
            if (value == image() || value->node()->owningBlock() == graph_.block()) suffix_value(value);
        }
        Node *copy = split_.suffix->createClone(node, [&](Value *value) { return suffix_value(value); });
        split_.suffix->appendNode(copy);
        for (size_t index = 0; index < node->outputs().size(); ++index) {
            in_suffix_[node->outputs()[index]] = copy->outputs()[index];
        }
    }

    /// What stands for `value` in the suffix: computed there, a constant, or an input that crosses the cut.
    Value *suffix_value(Value *value) {
        const auto known = in_suffix_.find(value);
        if (known != in_suffix_.end()) return known->second;
        Value *copy = nullptr;
        if (value->node()->kind() == c10::prim::Constant) {
            Node *constant = split_.suffix->createClone(value->node(), [](Value *input) { return input; });
            copy = split_.suffix->prependNode(constant)->output();
        } else {
            copy = split_.suffix->addInput();
            copy->setType(value->type());
            split_.prefix->registerOutput(in_prefix_.at(value));
        }
        in_suffix_[value] = copy;
        return copy;
    }

    std::shared_ptr<Graph> shared_graph_;
    Graph &graph_;
    size_t output_count_;
    std::vector<Value *> targets_;
    std::vector<Value *> differentiated_;
    std::unordered_set<const Node *> suffix_nodes_;
    ValueMap in_prefix_;
    ValueMap in_suffix_;
    Split split_;
};

} // namespace

Split split_at_targets(const std::shared_ptr<Graph> &graph, size_t output_count,
                       const std::vector<size_t> &differentiated) {
    return Splitter(graph, output_count, differentiated).run();
}

} // namespace ctorch
