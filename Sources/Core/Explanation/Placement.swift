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
            left = leadingPadding(of: input.width - scaledWidth)
            top = leadingPadding(of: input.height - scaledHeight)
        }
    }

    private init(
        picture: (width: Int, height: Int), input: (width: Int, height: Int), scaled: (width: Int, height: Int),
        left: Int, top: Int
    ) {
        (pictureWidth, pictureHeight) = picture
        (inputWidth, inputHeight) = input
        (scaledWidth, scaledHeight) = scaled
        self.left = left
        self.top = top
    }

    /// The smallest input that shows all of the picture: scaled to fit into `longestInput`, each side padded to the
    /// next multiple of `stride` only. This is Ultralytics' LetterBox(auto=True), for networks that take inputs of any
    /// size.
    /// - Parameters:
    ///   - picture: after its EXIF orientation.
    ///   - longestInput: rounded up to multiples of `stride`, as Ultralytics' `check_imgsz` does.
    /// - Precondition: all sides and the stride are 1 or more.
    package static func letterbox(
        picture: (width: Int, height: Int), longestInput: (width: Int, height: Int), stride: Int
    ) -> Placement {
        precondition(stride > 0, "a stride of 1 or more")
        let longest = (
            width: (longestInput.width + stride - 1) / stride * stride,
            height: (longestInput.height + stride - 1) / stride * stride
        )
        let full = Placement(picture: picture, input: longest, mode: .letterbox)
        let padding = (
            width: (longest.width - full.scaledWidth) % stride, height: (longest.height - full.scaledHeight) % stride
        )
        return Placement(
            picture: picture,
            input: (full.scaledWidth + padding.width, full.scaledHeight + padding.height),
            scaled: (full.scaledWidth, full.scaledHeight), left: leadingPadding(of: padding.width),
            top: leadingPadding(of: padding.height))
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

    /// A box in pixels of the picture, in cells of the input without its padding.
    package func boxInShownInput(_ box: Box) -> Box {
        let (scaleX, scaleY) = (
            Double(scaledWidth) / Double(pictureWidth), Double(scaledHeight) / Double(pictureHeight)
        )
        let (shiftX, shiftY) = (Double(min(left, 0)), Double(min(top, 0)))
        return Box(
            left: box.left * scaleX + shiftX, top: box.top * scaleY + shiftY, right: box.right * scaleX + shiftX,
            bottom: box.bottom * scaleY + shiftY)
    }

    /// A box in pixels of the input, in pixels of the picture. What of it lies outside the picture is cut off.
    package func boxInPicture(_ box: Box) -> Box {
        let (left, top) = pointInPicture(x: box.left, y: box.top)
        let (right, bottom) = pointInPicture(x: box.right, y: box.bottom)
        return Box(left: left, top: top, right: right, bottom: bottom)
            .clipped(toWidth: Double(pictureWidth), height: Double(pictureHeight))
    }
}

/// The part of the padding that comes before the picture: half of it. An odd pixel goes to the right and to the bottom,
/// as in Ultralytics' LetterBox.
private func leadingPadding(of padding: Int) -> Int { evenlyRounded(Double(padding) / 2 - 0.1) }

/// The smallest size in the picture's proportions that covers `width` x `height`. The longer side is cut to whole
/// pixels, as torchvision's `Resize` does.
private func covering(width: Int, height: Int, with picture: (width: Int, height: Int)) -> (Int, Int) {
    picture.width * height <= picture.height * width
        ? (width, width * picture.height / picture.width)
        : (height * picture.width / picture.height, height)
}

/// Halves go to the even neighbour, as Python's `round` has it, in which the reference implementations are written.
private func evenlyRounded(_ value: Double) -> Int { Int(value.rounded(.toNearestOrEven)) }
