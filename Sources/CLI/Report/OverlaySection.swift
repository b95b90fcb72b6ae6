import Core
import Foundation

/// The newest overlays, small.
struct OverlaySection {
    let newest: [ReportData.Shown]
    /// Images that were explained, whether or not their overlays are left.
    let explained: Int
    let thumbnails: [Result<Thumbnail, Failure>]
    /// How many overlays were asked for.
    let asked: Int
    let trouble: String?

    var html: HTML {
        guard explained > 0, asked > 0 else { return .empty }
        if newest.isEmpty {
            return section(
                "overlays", "The newest overlays", "<p>No overlay is left: retention removed them, the rows stay.</p>")
        }
        let notice: HTML = trouble.map { "<p class=\"notice\">There are no thumbnails: \($0)</p>" } ?? .empty
        if !thumbnails.isEmpty, thumbnails.allSatisfy({ (try? $0.get()) == nil }) {
            return section(
                "overlays", "The newest overlays",
                """
                <p class="notice">None of the \(newest.count) newest overlays can be read: they are gone, or only other
                users may read them. Members of the service's group may.</p>
                """)
        }
        let items = newest.enumerated().map { index, shown -> HTML in
            "<li>\(figure(shown, index < thumbnails.count ? thumbnails[index] : nil))</li>"
        }
        return section("overlays", "The newest overlays", "\(notice)<ul class=\"overlays\">\(items.joined("\n"))</ul>")
    }

    private func figure(_ shown: ReportData.Shown, _ thumbnail: Result<Thumbnail, Failure>?) -> HTML {
        let answer: HTML
        if let label = shown.label, let score = shown.score {
            let rest = shown.detections > 1 ? " +\(shown.detections - 1)" : ""
            answer = "<b>\(label)</b> \(Figure.percent(score))\(rest)"
        } else {
            answer = "nothing found"
        }
        let zero: HTML = shown.zeroCAM ? "<span class=\"zero\">no positive evidence</span>" : .empty
        return """
            <figure>\(picture(shown, thumbnail))<figcaption>\(answer)\(zero)\
            <span class="file"><bdi>\(shown.name)</bdi></span></figcaption></figure>
            """
    }

    private func picture(_ shown: ReportData.Shown, _ thumbnail: Result<Thumbnail, Failure>?) -> HTML {
        switch thumbnail {
        case .success(let thumbnail):
            let answer = shown.label.map { "\($0)" } ?? "nothing found"
            return """
                <img src="data:image/jpeg;base64,\(thumbnail.jpeg.base64EncodedString())" \
                width="\(thumbnail.width)" height="\(thumbnail.height)" alt="Overlay of \(shown.name): \(answer)">
                """
        case .failure(let failure):
            let reason = failure.code == .unreadable ? "the overlay is gone, or may not be read" : failure.message
            return "<div class=\"absent\">\(reason)</div>"
        case nil: return "<div class=\"absent\">no thumbnail</div>"
        }
    }
}
