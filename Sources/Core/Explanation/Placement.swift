/// How an upright picture lies in the network's input, and the way back.
///
/// Coordinates are continuous: the first pixel spans 0...1, its centre is at 0.5.
package struct Placement: Equatable, Sendable {
    package let pictureWidth: Int
    package let pictureHeight: Int
    package let inputWidth: Int
    package let inputHeight: Int
    /// The size that the whole picture is scaled to.
    package let scaledWidth: Int
    package let scaledHeight: Int
    /// Where the scaled picture starts in the input. Negative: so much of it is cropped; positive: padding.
    package let left: Int
    package let top: Int

    /// - Parameters:
    ///   - picture: after its EXIF orientation.
    ///   - cropFraction: the share of the scaled picture's shorter side that the crop keeps, above 0 and at most 1;
    ///     the other modes ignore it.
    /// - Precondition: all sides are 1 or more.
    package init(
        picture: (width: Int, height: Int), input: (width: Int, height: Int), mode: ResizeMode,
        cropFraction: Double = 1
    ) {
        precondition(min(picture.width, picture.height, input.width, input.height) > 0, "sides of 1 or more")
        precondition(cropFraction > 0 && cropFraction <= 1, "a share")
        pictureWidth = picture.width
        pictureHeight = picture.height
        inputWidth = input.width
        inputHeight = input.height
        switch mode {
        case .stretch:
            (scaledWidth, scaledHeight) = input
            (left, top) = (0, 0)
        case .shorterSideAndCenterCrop:
            (scaledWidth, scaledHeight) = covering(
                width: Int((Double(input.width) / cropFraction).rounded()),
                height: Int((Double(input.height) / cropFraction).rounded()), with: picture)
            left = -evenlyRounded(Double(scaledWidth - input.width) / 2)
            top = -evenlyRounded(Double(scaledHeight - input.height) / 2)
        case .letterbox:
            let scale = min(
                Double(input.width) / Double(picture.width), Double(input.height) / Double(picture.height))
            scaledWidth = max(evenlyRounded(Double(picture.width) * scale), 1)
            scaledHeight = max(evenlyRounded(Double(picture.height) * scale), 1)
            // An odd pixel of padding goes to the right and to the bottom, as in Ultralytics' LetterBox.
            left = evenlyRounded(Double(input.width - scaledWidth) / 2 - 0.1)
            top = evenlyRounded(Double(input.height - scaledHeight) / 2 - 0.1)
        }
    }

    /// The cells of the input that show the picture and not padding.
    package var pictureInInput: CellBox {
        CellBox(
            left: max(left, 0), top: max(top, 0), right: min(left + scaledWidth, inputWidth),
            bottom: min(top + scaledHeight, inputHeight))
    }

    /// The rectangle of the picture that the network saw, in pixels: the rest was cropped away.
    package var seenInPicture: Box {
        let seen = pictureInInput
        let (left, top) = pointInPicture(x: Double(seen.left), y: Double(seen.top))
        let (right, bottom) = pointInPicture(x: Double(seen.right), y: Double(seen.bottom))
        return Box(left: left, top: top, right: right, bottom: bottom)
    }

    /// From the input to the picture. Points in the padding come to lie outside the picture.
    package func pointInPicture(x: Double, y: Double) -> (x: Double, y: Double) {
        (
            (x - Double(left)) * Double(pictureWidth) / Double(scaledWidth),
            (y - Double(top)) * Double(pictureHeight) / Double(scaledHeight)
        )
    }
}

/// The smallest size in the picture's proportions that covers `width` x `height`. The longer side is cut to whole
/// pixels, as torchvision's `Resize` does.
private func covering(width: Int, height: Int, with picture: (width: Int, height: Int)) -> (Int, Int) {
    picture.width * height <= picture.height * width
        ? (width, width * picture.height / picture.width)
        : (height * picture.width / picture.height, height)
}

/// Halves go to the even neighbour, as Python's `round` has it, in which the reference implementations are written.
private func evenlyRounded(_ value: Double) -> Int { Int(value.rounded(.toNearestOrEven)) }
