/// A colour by which a class is told from others, the same in every picture.
struct ClassColor: Equatable, Sendable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    /// Told apart by people with any colour vision. The first seven are those of Okabe & Ito, "Color Universal
    /// Design" (2008), without black; the other three of Tol, "Colour Schemes" (SRON/EPS/TN/09-002, 2021), "muted".
    static let palette = [
        ClassColor(red: 230, green: 159, blue: 0),  // orange
        ClassColor(red: 86, green: 180, blue: 233),  // sky blue
        ClassColor(red: 0, green: 158, blue: 115),  // bluish green
        ClassColor(red: 240, green: 228, blue: 66),  // yellow
        ClassColor(red: 0, green: 114, blue: 178),  // blue
        ClassColor(red: 213, green: 94, blue: 0),  // vermillion
        ClassColor(red: 204, green: 121, blue: 167),  // reddish purple
        ClassColor(red: 136, green: 34, blue: 85),  // wine
        ClassColor(red: 51, green: 34, blue: 136),  // indigo
        ClassColor(red: 221, green: 221, blue: 221),  // pale grey
    ]

    private init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Classes that are ten apart share a colour.
    init(classIndex: Int) {
        let count = Self.palette.count
        self = Self.palette[(classIndex % count + count) % count]
    }
}
