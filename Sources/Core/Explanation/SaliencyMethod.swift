/// How gradients and activations become a heat map. The papers are named in ctorch.h.
package enum SaliencyMethod: String, CaseIterable, Codable, Sendable {
    case gradCAM = "gradcam"
    case gradCAMPlusPlus = "gradcam++"
    case hiResCAM = "hirescam"
    case layerCAM = "layercam"
    case xGradCAM = "xgradcam"
    /// Gradient-free: shows what the layer responds to, not what speaks for a class.
    case eigenCAM = "eigencam"
    /// Grad-CAM whose gradients are averaged around each cell, not over the grid: it knows the class, and which of its
    /// objects.
    case localGradCAM = "local-gradcam"
}

extension SaliencyMethod {
    /// What is taken where nobody names one. Of a detector two objects of one class must be told apart.
    package static func automatic(for task: ModelCard.Task) -> SaliencyMethod {
        task == .detection ? .localGradCAM : .gradCAM
    }
}
