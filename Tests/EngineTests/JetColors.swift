/// Red, green and blue of OpenCV's JET, in closed form.
/// - Parameter number: 0...255.
func jetColor(_ number: Int) -> [Int] {
    switch number {
    case ..<32: [0, 0, 128 + 4 * number]
    case ..<96: [0, 4 * (number - 32), 255]
    // The one exception of OpenCV's table.
    case 159: [254, 255, 1]
    case ..<160: [2 + 4 * (number - 96), 255, 254 - 4 * (number - 96)]
    case ..<224: [255, 252 - 4 * (number - 160), 0]
    default: [252 - 4 * (number - 224), 0, 0]
    }
}
