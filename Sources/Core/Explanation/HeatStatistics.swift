/// One heat map in numbers, for the log. Formulas and sources stand with each number.
///
/// H is the rectified map, h = H / max H, p = H / sum H, over N cells. Everything that is a property of the heat is
/// `nil` where there is none: zeros would drag averages down. JSON leaves `nil` out.
package struct HeatStatistics: Codable, Equatable, Sendable {
    // MARK: Of the raw map: before ReLU, on the layer's own grid

    /// The strength of the evidence, in units of the logit: only this compares images. `nil` where not finite.
    package var rawMax: Double?
    package var rawMin: Double?
    /// Of the rectified map.
    package var rawSum: Double?
    /// Share of cells above 0.
    package var posFraction: Double
    /// No cell is above 0: nothing speaks for the class here.
    package var zeroCAM: Bool
    /// Some cell is infinite or not a number; the map shows nothing.
    package var nonfinite: Bool

    // MARK: Distribution of h

    /// Also called complexity (Poppi et al. 2021, arXiv 2104.10252).
    package var heatMean: Double?
    /// Of the population: divided by N.
    package var heatStd: Double?
    /// Percentiles are interpolated linearly between the sorted values, as numpy's default is.
    package var median: Double?
    package var p90: Double?
    package var p95: Double?
    package var p99: Double?
    /// -sum p ln p, in nats (Bhatt et al. 2020, arXiv 2005.00631).
    package var entropy: Double?
    /// Entropy by its maximum ln N, 0...1; `nil` for a single cell.
    package var entropyNorm: Double?
    /// Gini index of h, 0 (even) to 1 (one cell) (Hurley & Rickard 2009, arXiv 0811.4706).
    package var gini: Double?
    /// Share of cells with h of at least 0.5, and 0.2.
    package var area50: Double?
    package var area20: Double?
    /// Share of heat in the hottest tenth of the cells, rounded up to whole cells.
    package var top10Mass: Double?

    // MARK: Places, in cells of the map unless converted by `inPicture(of:)`

    /// Mean position of the heat; the first cell's centre is at 0.5.
    package var centroidX: Double?
    package var centroidY: Double?
    /// Root of the mean squared distance to the centroid, and the same along each axis.
    package var spread: Double?
    package var spreadX: Double?
    package var spreadY: Double?
    /// The hottest cell (column and row from 0), the first row by row where several are equally hot.
    package var peakX: Int?
    package var peakY: Int?
    /// How many cells are as hot as the hottest.
    package var nPeaks: Int?
    /// Around all cells with h of at least 0.5.
    package var hotBox: Box?
    /// Connected regions of those cells; cells that only touch at corners are not connected.
    package var nComponents: Int?

    // MARK: Shares of the heat by place

    /// In the ring along the border: 5 % of the width and of the height at each side, at least one cell.
    package var borderEnergy: Double?
    /// By the ring's share of the area: above 1 where heat leans to the border.
    package var borderRatio: Double?
    /// In each ninth of the picture.
    package var ninths: Ninths?
    /// In the padding around the picture, before it is cut off: high values mean wrong preprocessing.
    package var padEnergy: Double?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case rawMax = "raw_max"
        case rawMin = "raw_min"
        case rawSum = "raw_sum"
        case posFraction = "pos_fraction"
        case zeroCAM = "zero_cam"
        case nonfinite
        case heatMean = "heat_mean"
        case heatStd = "heat_std"
        case median, p90, p95, p99, entropy
        case entropyNorm = "entropy_norm"
        case gini, area50, area20
        case top10Mass = "top10_mass"
        case centroidX = "centroid_x"
        case centroidY = "centroid_y"
        case spread
        case spreadX = "spread_x"
        case spreadY = "spread_y"
        case peakX = "peak_x"
        case peakY = "peak_y"
        case nPeaks = "n_peaks"
        case hotBox = "hot_box"
        case nComponents = "n_components"
        case borderEnergy = "border_energy"
        case borderRatio = "border_ratio"
        case ninths
        case padEnergy = "pad_energy"
    }
}
