import COpenCV
import Core
import Glibc

/// A box as it is drawn: with a name and a colour.
struct LabelledBox {
    /// In pixels of the photograph, finite; what lies outside is cut.
    var box: Box
    /// Empty for none.
    var label: String
    var color: ClassColor
}

extension Photograph {
    /// Draws boxes, then their labels. Of boxes that cross, the first lies on top: the surest comes first.
    func drawBoxes(_ boxes: [LabelledBox]) throws(Failure) {
        var copies: [UnsafeMutablePointer<CChar>] = []
        defer { for copy in copies { free(copy) } }
        var drawn: [COpenCVBox] = []
        for labelled in boxes {
            guard let label = strdup(labelled.label) else {
                throw Failure(.outOfMemory, "There is no memory for the label of a box.")
            }
            copies.append(label)
            let (box, color) = (labelled.box, labelled.color)
            drawn.append(
                COpenCVBox(
                    left: box.left, top: box.top, right: box.right, bottom: box.bottom, label: label,
                    red: color.red, green: color.green, blue: color.blue))
        }
        try Failure.checkPicture(copencv_picture_draw_boxes(handle, drawn, drawn.count))
    }

    /// Up to 64 photographs beside each other in one: up to 4 in a row, none enlarged.
    /// - Parameter tileSide: the longest side that a photograph gets, 16...4096 pixels.
    static func sideBySide(_ photographs: [Photograph], tileSide: Int) throws(Failure) -> Photograph {
        var sheet: OpaquePointer?
        let handles = photographs.map(\.handle)
        let status = withExtendedLifetime(photographs) {
            copencv_contact_sheet(handles, handles.count, Int32(clamping: tileSide), &sheet)
        }
        try Failure.checkPicture(status)
        return try Photograph(owning: sheet)
    }
}
