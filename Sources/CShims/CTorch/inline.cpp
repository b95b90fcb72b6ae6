#include "inline.hpp"

#include "status.hpp"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>

namespace ctorch {
namespace {

using torch::jit::GraphFunction;
using torch::jit::Module;
using torch::jit::WithInsertPoint;

/// More operators than any network has: calls nested to double at every level would otherwise fill the memory.
constexpr size_t maximum_node_count = 1'000'000;

/// Inlines level by level and folds in between: torch::jit::Inline would lose the paths of the modules.
class Inliner {
public:
    explicit Inliner(const Module &module) : module_(module) {}

    InlinedForward run() {
        GraphFunction &forward = torch::jit::toGraphFunction(module_.get_method("forward").function());
        graph_ = forward.graph()->copy();
        fill_in_defaults(forward.getSchema());
        mark_own_operators({graph_->nodes().begin(), graph_->nodes().end()});
        do {
            fold();
            check_size();
        } while (inline_calls(graph_->block(), true));
        fold();
        remove_module();
        return {graph_, std::move(activations_)};
    }

private:
    struct Attribute {
        std::string path;
        c10::IValue value;
    };

    Value *self() const { return graph_->inputs()[0]; }

    /// `forward(self, image, more=default)`: the defaults become constants.
    void fill_in_defaults(const c10::FunctionSchema &schema) {
        const auto &arguments = schema.arguments();
        if (arguments.size() < 2 || arguments[1].type()->kind() != c10::TypeKind::TensorType) {
            throw Failure(CTorchCodeUnsupportedModel, "The network's forward does not take a tensor first: it is no "
                                                      "network for images of shape N,C,H,W.");
        }
        for (size_t index = arguments.size() - 1; index >= 2; --index) {
            const auto &value = arguments[index].default_value();
            if (!value) {
                throw Failure(CTorchCodeUnsupportedModel,
                              "The network's forward wants more than an image ('" + arguments[index].name() +
                                  "'): wrap it in a module that takes the image alone, and export that.");
            }
            WithInsertPoint at(*graph_->nodes().begin());
            graph_->inputs()[index]->replaceAllUsesWith(graph_->insertConstant(*value));
            graph_->eraseInput(index);
        }
    }

    /// Follows GetAttr after GetAttr up to the module itself.
    std::optional<Attribute> attribute(const Value *value) const {
        std::vector<std::string> names;
        for (; value != self(); value = value->node()->input(0)) {
            if (value->node()->kind() != c10::prim::GetAttr) return std::nullopt;
            names.push_back(value->node()->s(c10::attr::name));
        }
        Attribute found{"", c10::IValue(module_._ivalue())};
        for (auto name = names.rbegin(); name != names.rend(); ++name) {
            if (!found.value.isObject()) return std::nullopt;
            found.value = found.value.toObject()->getAttr(*name);
            found.path += (found.path.empty() ? "" : ".") + *name;
        }
        return found;
    }

    void fold() {
        for (Node *node : all_nodes(graph_->block())) {
            if (node->kind() == c10::prim::GetAttr) replace_by_constant(node);
        }
        torch::jit::ConstantPropagation(graph_);
    }

    void replace_by_constant(Node *node) {
        const auto found = attribute(node->output());
        if (!found || found->value.isModule()) return;
        const c10::IValue value = found->value.isTensor() ? found->value.toTensor().detach() : found->value;
        WithInsertPoint at(node);
        const auto constant = torch::jit::tryInsertConstant(*graph_, value);
        if (!constant) return;
        node->output()->replaceAllUsesWith(*constant);
        node->destroy();
    }

    bool inline_calls(Block *block, bool is_top) {
        bool found = false;
        // A copy of the list: inlining puts the nodes of the next level beside these.
        const std::vector<Node *> nodes(block->nodes().begin(), block->nodes().end());
        for (Node *node : nodes) {
            for (Block *inner : node->blocks()) found |= inline_calls(inner, false);
            if (node->kind() == c10::prim::CallMethod) {
                found |= inline_method(node, is_top);
            } else if (node->kind() == c10::prim::CallFunction) {
                found |= inline_function(node, is_top);
            }
        }
        return found;
    }

    bool inline_method(Node *call, bool is_top) {
        const auto type = call->input(0)->type()->cast<c10::ClassType>();
        const std::string name = call->s(c10::attr::name);
        auto *method = type ? type->findMethod(name) : nullptr;
        GraphFunction *function = method != nullptr ? torch::jit::tryToGraphFunction(*method) : nullptr;
        if (function == nullptr) return false;
        const auto module = is_top && type->is_module() ? attribute(call->input(0)) : std::nullopt;
        const bool is_own = module && module->path.empty();
        const bool are_own = own_calls_.erase(call) > 0 && is_own;
        const std::vector<Value *> outputs = inline_call(call, function, are_own);
        if (module && !is_own && is_forward(name)) mark(outputs, {module->path, type->name()->name(), true});
        return true;
    }

    bool inline_function(Node *call, bool is_top) {
        const auto type = call->input(0)->type()->cast<c10::FunctionType>();
        GraphFunction *function = type ? torch::jit::tryToGraphFunction(*type->function()) : nullptr;
        if (function == nullptr) return false;
        const bool is_own = own_calls_.erase(call) > 0 && is_top;
        call->removeInput(0);
        const std::vector<Value *> outputs = inline_call(call, function, false);
        if (is_own) mark(outputs, numbered(function->name()));
        return true;
    }

    /// `are_own`: the callee's operators are counted among the network's own, as those of `_forward_impl`.
    std::vector<Value *> inline_call(Node *call, GraphFunction *function, bool are_own) {
        Node *before = call->prev();
        Node *after = call->next();
        // Not the overload with a flag: it takes the optimized graph, in which nested paths are lost.
        const std::vector<Value *> outputs = torch::jit::inlineCallTo(call, function, function->graph().get());
        if (are_own) {
            std::vector<Node *> nodes;
            for (Node *node = before->next(); node != after; node = node->next()) nodes.push_back(node);
            mark_own_operators(nodes);
        }
        return outputs;
    }

    /// torch.jit.trace calls the second and later use of a module forward1, forward2 ...
    static bool is_forward(const std::string &name) {
        const std::string prefix = "forward";
        return name.rfind(prefix, 0) == 0 &&
               std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(),
                           [](unsigned char character) { return character >= '0' && character <= '9'; });
    }

    /// Operators that stand in the network's own forward, not in a module's: in a frozen file that is everything.
    void mark_own_operators(const std::vector<Node *> &nodes) {
        for (Node *node : nodes) {
            if (node->kind() == c10::prim::CallMethod || node->kind() == c10::prim::CallFunction) {
                own_calls_.insert(node);
            } else if (node->kind().is_aten() && node->outputs().size() == 1 && !hands_on(node)) {
                mark({node->output()}, numbered(node->kind().toQualString()));
            }
        }
    }

    /// The result is the input, maybe in other memory or without its gradient: nothing to explain anew.
    static bool hands_on(const Node *node) {
        return is_one_of(node, {"aten::detach", "aten::contiguous", "aten::clone", "aten::alias", "aten::to",
                                "aten::dropout", "aten::dropout_", "aten::feature_dropout"});
    }

    /// "aten::relu.3": the fourth of its kind.
    Activation numbered(const std::string &operation) {
        return {operation + "." + std::to_string(occurrences_[operation]++), operation, false};
    }

    void mark(const std::vector<Value *> &outputs, Activation activation) {
        if (outputs.size() != 1 || !is_tensor(outputs[0])) return;
        mark_activation(*graph_, outputs[0], activations_.size());
        activations_.push_back(std::move(activation));
    }

    void check_size() const {
        if (all_nodes(graph_->block()).size() > maximum_node_count) {
            throw Failure(CTorchCodeUnsupportedModel, "The network has more than a million operators.");
        }
    }

    void remove_module() {
        torch::jit::EliminateDeadCode(graph_);
        if (!self()->hasUses()) return graph_->eraseInput(0);
        for (const Node *node : all_nodes(graph_->block())) {
            if (node->kind() == c10::prim::SetAttr) {
                throw Failure(CTorchCodeUnsupportedModel, "The network changes itself while it runs (attribute '" +
                                                              node->s(c10::attr::name) + "'): it cannot be split.");
            }
        }
        const Node *user = self()->uses()[0].user;
        const std::string use = user->kind() == c10::prim::GetAttr
                                    ? "attribute '" + user->s(c10::attr::name) + "', " + user->output()->type()->str()
                                    : std::string(user->kind().toQualString());
        throw Failure(CTorchCodeUnsupportedModel,
                      "The network uses its modules in a way that cannot be inlined, as quantized or parallel ones "
                      "do (" + use + ").");
    }

    const Module &module_;
    std::shared_ptr<Graph> graph_;
    std::vector<Activation> activations_;
    std::unordered_set<const Node *> own_calls_;
    std::map<std::string, size_t> occurrences_;
};

} // namespace

InlinedForward inline_forward(const Module &module) { return Inliner(module).run(); }

} // namespace ctorch
