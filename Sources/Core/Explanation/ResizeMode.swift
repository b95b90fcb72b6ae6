/// How a picture of any size becomes the network's input.
package enum ResizeMode: String, CaseIterable, Codable, Sendable {
    /// Both sides to the input's, whatever that does to the proportions.
    case stretch
    /// torchvision's `Resize` and `CenterCrop`: scaled until the input is covered with something to spare, then cut.
    case shorterSideAndCenterCrop = "shorter-side-and-center-crop"
    /// YOLO's: scaled until it fits in, the rest is padded.
    case letterbox
}
