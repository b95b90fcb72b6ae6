extension SIMD4<Float> {
    /// The natural logarithms of normal numbers above 0, to 2e-14.
    ///
    /// Of x = 2^e m, with m between the roots of 1/2 and 2: ln x = e ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + ...), where
    /// s = (m - 1) / (m + 1) (Abramowitz & Stegun 1964, 4.1.27). As s^2 is below 0.0295, all that comes behind s^15 is
    /// below 1.2e-14. Library functions take one number at a time.
    @inline(__always) var logarithms: SIMD4<Double> {
        let bits = unsafeBitCast(self, to: SIMD4<Int32>.self)
        // From the bits of the root of 1/2 on.
        let exponents = (bits &- 0x3f35_04f3) &>> 23
        let mantissas = SIMD4<Double>(unsafeBitCast(bits &- exponents &<< 23, to: SIMD4<Float>.self))
        let s = (mantissas - 1) / (mantissas + 1)
        let square = s * s
        var series = SIMD4<Double>(repeating: 1 / 15)
        series = series * square + 1 / 13
        series = series * square + 1 / 11
        series = series * square + 1 / 9
        series = series * square + 1 / 7
        series = series * square + 1 / 5
        series = series * square + 1 / 3
        series = series * square + 1
        return SIMD4<Double>(exponents) * 0.693_147_180_559_945_309 + 2 * s * series
    }
}

extension [Float] {
    /// The sum of a term of each value, four values at a time: a chain of additions one by one waits for each.
    func sum(of terms: (SIMD4<Float>) -> SIMD4<Double>) -> Double {
        withUnsafeBytes { bytes in
            var sums = SIMD4<Double>(repeating: 0)
            let rest = count % 4
            for index in stride(from: 0, to: count - rest, by: 4) {
                sums += terms(bytes.loadUnaligned(fromByteOffset: index * 4, as: SIMD4<Float>.self))
            }
            var last = SIMD4<Float>(repeating: 1)
            for lane in 0..<rest { last[lane] = self[count - rest + lane] }
            let lastTerms = terms(last)
            return (0..<rest).reduce(sums.sum()) { $0 + lastTerms[$1] }
        }
    }
}
