extension [Float] {
    /// In ascending order.
    ///
    /// Floats of 0 or more stand in the order of their bits, so that each is put into its place three times, by ten
    /// bits in turn. A map has 50,000 such values and more: comparing them takes ten times as long.
    /// - Precondition: 0 or more, below 2: the bits above the thirtieth are zero.
    func sortedByBits() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { sorted, sortedCount in
            sortedCount = count
            withUnsafeBufferPointer { values in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { between in
                    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 3 << 10) { places in
                        findPlaces(of: values, places)
                        distribute(values, to: sorted, turn: 0, places)
                        distribute(UnsafeBufferPointer(sorted), to: between, turn: 1, places)
                        distribute(UnsafeBufferPointer(between), to: sorted, turn: 2, places)
                    }
                }
            }
        }
    }
}

/// Where the first value with each ten bits comes to lie, for each turn.
private func findPlaces(of values: UnsafeBufferPointer<Float>, _ places: UnsafeMutableBufferPointer<Int32>) {
    places.initialize(repeating: 0)
    for value in values {
        for turn in 0..<3 { places[place(of: value, turn)] &+= 1 }
    }
    for turn in 0..<3 {
        var next: Int32 = 0
        for place in (turn << 10)..<((turn + 1) << 10) {
            (places[place], next) = (next, next &+ places[place])
        }
    }
}

/// Values with the same ten bits stay in their order.
private func distribute(
    _ values: UnsafeBufferPointer<Float>, to sorted: UnsafeMutableBufferPointer<Float>, turn: Int,
    _ places: UnsafeMutableBufferPointer<Int32>
) {
    for value in values {
        let place = place(of: value, turn)
        sorted.initializeElement(at: Int(places[place]), to: value)
        places[place] &+= 1
    }
}

/// Ten bits of a value, behind those of the turns before.
private func place(of value: Float, _ turn: Int) -> Int {
    turn << 10 | Int(value.bitPattern &>> UInt32(truncatingIfNeeded: 10 &* turn)) & 0x3ff
}
