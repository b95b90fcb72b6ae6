/// How gradients and activations become a heat map. The papers are named in ctorch.h.
package enum SaliencyMethod: String, CaseIterable, Codable, Sendable {
    case gradCAM = "gradcam"
    case gradCAMPlusPlus = "gradcam++"
    case hiResCAM = "hirescam"
    case layerCAM = "layercam"
    case xGradCAM = "xgradcam"
    /// Gradient-free: shows what the layer responds to, not what speaks for a class.
    case eigenCAM = "eigencam"
}
