/// What a network's convolutions multiply; they add up in float32 always.
package enum Precision: String, CaseIterable, Codable, Sendable {
    case float32
    /// Faster where the processor can (avx512_bf16, amx_bf16), with 8 bits of significand: scores and maps differ by a few
    /// hundredths.
    case bfloat16
}
