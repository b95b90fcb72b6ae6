/// libtorch behind C: load a TorchScript network, cut it at a layer, run it, and get class activation maps.
///
/// Conventions. A fallible function returns NULL on success and otherwise a status that the caller frees with
/// `ctorch_status_free`. `ret_` parameters come last and are written on success only. `_free(NULL)` is allowed.
/// No C++ exception leaves this header. A handle serves one thread at a time. Strings that a function returns
/// live as long as the handle that they came from.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Swift reads nullability and closed enumerations from these; gcc knows neither.
#ifdef __clang__
#define CTORCH_CLOSED __attribute__((enum_extensibility(closed)))
#pragma clang assume_nonnull begin
#else
#define CTORCH_CLOSED
#define _Nonnull
#define _Nullable
#endif

#ifdef __cplusplus
extern "C" {
#endif

// MARK: - Status

typedef enum CTORCH_CLOSED CTorchCode {
    CTorchCodeInvalidArgument = 1,   ///< The caller broke a rule of this header.
    CTorchCodeFileUnreadable,        ///< The file is missing, or may not be read.
    CTorchCodePickledCheckpoint,     ///< A `torch.save` pickle (`best.pt`): Python objects, not TorchScript.
    CTorchCodeNotTorchScript,        ///< Neither: a text file, an ONNX file, a picture, a damaged archive.
    CTorchCodeUnsupportedModel,      ///< TorchScript that this libtorch cannot load or that cannot be split.
    CTorchCodeNoLayer,               ///< No layer of that name, or no 4-D activation in the whole network.
    CTorchCodeInputRejected,         ///< The network does not take a tensor of this shape.
    CTorchCodeGradientBlocked,       ///< No gradient reaches the layer (detach, argmax, integer arithmetic).
    CTorchCodePrecisionUnsupported,  ///< The processor or the network is not fit for bfloat16.
    CTorchCodeOutOfMemory,
    CTorchCodeRuntime,               ///< Anything else that libtorch reports.
} CTorchCode;

typedef struct CTorchStatus CTorchStatus;

CTorchCode ctorch_status_code(const CTorchStatus *status);
/// One sentence in English, without a backtrace.
const char *ctorch_status_message(const CTorchStatus *status);
void ctorch_status_free(CTorchStatus *_Nullable status);

// MARK: - The library

/// For example "1.13.1".
const char *ctorch_version(void);
/// The instruction set that libtorch uses: "AVX512", "AVX2", "DEFAULT".
const char *ctorch_cpu_capability(void);
/// oneDNN compiles its convolutions at run time. Where this process may make no memory executable, as with
/// MemoryDenyWriteExecute= of systemd.exec(5), they would fail one by one: oneDNN is then switched off, and libtorch's
/// own, slower ones take over. To be called before a network is loaded. Returns whether oneDNN is used.
bool ctorch_choose_convolutions(void);
/// Whether networks can run in bfloat16: the processor has avx512_bf16 or amx_bf16, as oneDNN sees it (its environment
/// variable ONEDNN_MAX_CPU_ISA can lower that), oneDNN is used, and libtorch is the 1.13 with which it is called directly.
bool ctorch_bfloat16_supported(void);
/// Threads inside one operation, for the whole process. `count` >= 1.
void ctorch_set_threads(int32_t count);
int32_t ctorch_threads(void);

// MARK: - Files

/// A text that the exporter put beside the network, as "config.txt" of Ultralytics' and YOLOv5's: the archive's record
/// extra/`name`. Reads no code of the network.
/// - ret_text: room for `capacity` bytes, without a zero at the end.
/// - ret_length: 0 where there is no such record, or where it is longer than `capacity`.
/// Fails with FileUnreadable, PickledCheckpoint, NotTorchScript.
CTorchStatus *_Nullable ctorch_archive_text(
    const char *path, const char *name, size_t capacity, char *ret_text, size_t *ret_length);

// MARK: - Networks

/// A loaded TorchScript file, in evaluation mode, its `forward` inlined into one graph.
typedef struct CTorchModel CTorchModel;

typedef struct CTorchShape {
    int32_t rank;        ///< 0...6; 0 = unknown.
    int64_t sizes[6];
} CTorchShape;

/// Loads a TorchScript file (traced or scripted, frozen or not; saved by torch 1.8 or later).
/// - input: the N,C,H,W that the network is probed with. A zero C is read from the first convolution (3 where
///   there is none); H = W = 0 tries 224 and then other common sizes until one runs.
/// Fails with FileUnreadable, PickledCheckpoint, NotTorchScript, UnsupportedModel, InputRejected.
CTorchStatus *_Nullable ctorch_model_load(
    const char *path, CTorchShape input, CTorchModel *_Nullable *_Nonnull ret_model);
void ctorch_model_free(CTorchModel *_Nullable model);

/// The shape that the network was probed with: N,C,H,W.
CTorchShape ctorch_model_input(const CTorchModel *model);
/// The shape of the output that is explained: of several outputs (tuple, list, dictionary) the first tensor.
CTorchShape ctorch_model_output(const CTorchModel *model);

/// What the network does last to its scores.
typedef enum CTORCH_CLOSED CTorchActivation {
    CTorchActivationNone = 0,      ///< The output is taken for logits.
    CTorchActivationSoftmax,
    CTorchActivationLogSoftmax,
    CTorchActivationSigmoid,
} CTorchActivation;

CTorchActivation ctorch_model_activation(const CTorchModel *model);
/// Whether the value before that activation can be differentiated itself. False: the target is computed from the
/// output instead (sigmoid: log p - log(1-p); softmax: log p, a contrastive and so a different map).
bool ctorch_model_logits_found(const CTorchModel *model);

// MARK: - Layers

typedef struct CTorchLayer {
    const char *path;        ///< Dotted module path ("layer4.1.conv2"), or "aten::relu_.16" where names are lost.
    const char *operation;   ///< What computes it: the module's class ("Conv2d"), or the operator ("aten::relu_").
    CTorchShape shape;       ///< Of the activation in the probe; rank 4 is N,C,H,W.
    bool on_path;            ///< The output depends on it.
    bool automatic;          ///< The one that is taken when nobody names a layer.
} CTorchLayer;

/// The candidates in the order of computation: every value of rank 4 (or 3, tokens) that a module returns (of several
/// calls the last), or that an operator of the network's own forward computes: in a frozen file that is every one. Such
/// an operator is named by its kind and its number among its kind, from 0.
size_t ctorch_model_layer_count(const CTorchModel *model);
CTorchLayer ctorch_model_layer(const CTorchModel *model, size_t index);
/// Why `automatic` was chosen, or why nothing was: one sentence.
const char *ctorch_model_layer_reason(const CTorchModel *model);

/// A level of a detector's feature pyramid, found in the graph. Every row of the output belongs to one.
typedef struct CTorchLevel {
    size_t head_input;   ///< Index of the layer that everything of the level passes through last.
    /// Index of the last layer before that all of the level passes through, with an operator between them that mixes
    /// cells: the input of the last block before the head. `head_input` itself where there is none.
    size_t context;
    /// Only 1 x 1 operators lie between the head's input and a row, as in YOLOv5: a single cell of it decides the row.
    bool is_pointwise;
} CTorchLevel;

/// The finest level first; 0 where the output has no rows (its rank is not 3), or no pyramid was found.
size_t ctorch_model_level_count(const CTorchModel *model);
CTorchLevel ctorch_model_level(const CTorchModel *model, size_t index);

// MARK: - Plans

/// A network cut at its target layers: a prefix (image -> activation; frozen, channels-last, no gradient) and a
/// suffix (activation -> output; gradient on the activation only). Owns all that it needs: the model may be freed.
typedef struct CTorchPlan CTorchPlan;

typedef enum CTORCH_CLOSED CTorchPrecision {
    CTorchPrecisionFloat32 = 0,
    /// Convolutions multiply bfloat16 (8 bits of significand) and add up in float32; in the prefix what lies between them
    /// is bfloat16, too. Layers' activations, scores, gradients and maps are float32.
    CTorchPrecisionBFloat16,
} CTorchPrecision;

/// - layers: dotted paths; `count` 0 takes the automatic layer.
/// Fails with NoLayer (the message names near matches), GradientBlocked never: see `ctorch_plan_gradient_flows`.
/// Fails with PrecisionUnsupported for bfloat16 where `ctorch_bfloat16_supported` is false, or where the scores of the
/// probe lie further from those in float32 than a tenth of the largest.
CTorchStatus *_Nullable ctorch_plan_make(
    const CTorchModel *model, const char *_Nonnull const *_Nullable layers, size_t count,
    CTorchPrecision precision, CTorchPlan *_Nullable *_Nonnull ret_plan);
void ctorch_plan_free(CTorchPlan *_Nullable plan);

size_t ctorch_plan_layer_count(const CTorchPlan *plan);
const char *ctorch_plan_layer_path(const CTorchPlan *plan, size_t index);
/// Height and width of the layer's grid at the probe's size are the last two of this N,C,H,W.
CTorchShape ctorch_plan_layer_shape(const CTorchPlan *plan, size_t index);
/// How many convolutions run with weights packed for oneDNN; 0 where the network's own operators run.
size_t ctorch_plan_packed_convolution_count(const CTorchPlan *plan);
/// Measured on the probe: a non-zero gradient of some output reaches the layer.
bool ctorch_plan_gradient_flows(const CTorchPlan *plan, size_t index);

// MARK: - Passes

/// What one forward pass of a batch left behind: outputs, activations, and what backward needs.
typedef struct CTorchPass CTorchPass;

/// - values: float32, N,C,H,W, row-major; copied or used before the call returns.
/// Fails with InputRejected, OutOfMemory, Runtime.
CTorchStatus *_Nullable ctorch_plan_forward(
    CTorchPlan *plan, const float *values, CTorchShape shape, CTorchPass *_Nullable *_Nonnull ret_pass);
void ctorch_pass_free(CTorchPass *_Nullable pass);

/// The network's output as float32, row-major, with its shape. Lives as long as the pass.
CTorchStatus *_Nullable ctorch_pass_output(
    CTorchPass *pass, CTorchShape *ret_shape, const float *_Nullable *_Nonnull ret_values);
/// The values that are differentiated (logits where found, else as at `ctorch_model_logits_found`): same shape.
CTorchStatus *_Nullable ctorch_pass_logits(
    CTorchPass *pass, CTorchShape *ret_shape, const float *_Nullable *_Nonnull ret_values);

typedef enum CTORCH_CLOSED CTorchMethod {
    CTorchMethodGradCAM = 0,       ///< Selvaraju et al. 2017, arXiv 1610.02391: weights are the mean gradients.
    CTorchMethodGradCAMPlusPlus,   ///< Chattopadhay et al. 2018, arXiv 1710.11063, eq. 19, without exp(score).
    CTorchMethodHiResCAM,          ///< Draelos & Carin 2020, arXiv 2011.08891: sum of gradient times activation.
    CTorchMethodLayerCAM,          ///< Jiang et al. 2021: as HiResCAM with the positive gradients only.
    CTorchMethodXGradCAM,          ///< Fu et al. 2020, arXiv 2008.02312: gradients weighted by the activation.
    /// Muhammad & Yeasin 2020, arXiv 2008.00299: first principal component, no gradient. Of its two signs the one that
    /// correlates positively with the sum of the channels.
    CTorchMethodEigenCAM,
    /// Grad-CAM whose mean is taken around each cell and not over the grid: the gradients, blurred by a Gaussian with a
    /// sigma of one cell, times the activation. HiResCAM is the limit of no blur, Grad-CAM that of an endless one.
    /// Measured in Benchmarks/RESULTS.md.
    CTorchMethodLocalGradCAM,
} CTorchMethod;

/// `weight` times the logit of element `element` (row-major, without N). -1 explains the negative class of a network
/// with a single output.
typedef struct CTorchTerm {
    size_t element;
    float weight;
} CTorchTerm;

/// What to explain: the sum of its terms for image `image`.
typedef struct CTorchTarget {
    size_t image;
    const CTorchTerm *terms;
    size_t term_count;   ///< 1 or more.
} CTorchTarget;

/// Says which targets will be explained: what several of them share is then computed once. Maps are the same without.
/// Fails with InvalidArgument.
CTorchStatus *_Nullable ctorch_pass_differentiate(CTorchPass *pass, const CTorchTarget *targets, size_t count);

/// Height and width of the grid of layer `layer`, and so of its maps.
/// Fails with InputRejected where the activation has none.
CTorchStatus *_Nullable ctorch_pass_grid(CTorchPass *pass, size_t layer, size_t *ret_height, size_t *ret_width);

/// The raw class activation map on the grid of layer `layer`: before ReLU, not normalised; row-major H x W. Tokens
/// (N,T,C) lie on the largest square grid of the last of them; class token and registers before it are left out.
/// Zero divided by zero counts as zero; NaN only where the network itself computes NaN.
/// May be called any number of times per pass, in any order.
/// - ret_values: room for `capacity` floats; Fails with InvalidArgument where the grid is larger.
/// Fails with GradientBlocked where no gradient reaches the layer (never for EigenCAM).
CTorchStatus *_Nullable ctorch_pass_explain(
    CTorchPass *pass, size_t layer, CTorchTarget target, CTorchMethod method, size_t capacity,
    float *ret_values, size_t *ret_height, size_t *ret_width);

#ifdef __cplusplus
}
#endif
#ifdef __clang__
#pragma clang assume_nonnull end
#endif
