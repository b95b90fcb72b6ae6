#include "palette_avx512.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define COPENCV_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

namespace copencv {

namespace {

constexpr size_t lanes = 64;

/// Where each byte of the three registers of blue, green, red, blue, ... comes from.
struct Interleaving {
    /// Of blue, or of green where 64 is added.
    alignas(lanes) uint8_t blue_or_green[3][lanes];
    alignas(lanes) uint8_t red[3][lanes];
    uint64_t is_red[3];
};

constexpr Interleaving make_interleaving() {
    Interleaving result{};
    for (size_t byte = 0; byte < 3 * lanes; byte++) {
        const size_t part = byte / lanes, lane = byte % lanes, pixel = byte / 3, channel = byte % 3;
        result.blue_or_green[part][lane] = static_cast<uint8_t>(channel == 1 ? pixel + lanes : pixel);
        result.red[part][lane] = static_cast<uint8_t>(pixel);
        if (channel == 2) result.is_red[part] |= uint64_t{1} << lane;
    }
    return result;
}

constexpr Interleaving interleaving = make_interleaving();

/// The numbers of the colours of 16 pixels. Heat that `wanted` leaves out is not read.
COPENCV_VBMI
__m128i numbers(const float *heat, uint64_t wanted) {
    const __m512 values = _mm512_maskz_loadu_ps(static_cast<__mmask16>(wanted), heat);
    return _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(_mm512_mul_ps(values, _mm512_set1_ps(255.0f))));
}

COPENCV_VBMI
__m512i look_up(__m512i numbers, const std::array<uint8_t, 256> &table) {
    const uint8_t *from = table.data();
    const __m512i lower =
        _mm512_permutex2var_epi8(_mm512_load_si512(from), numbers, _mm512_load_si512(from + lanes));
    const __m512i upper =
        _mm512_permutex2var_epi8(_mm512_load_si512(from + 2 * lanes), numbers, _mm512_load_si512(from + 3 * lanes));
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(numbers), lower, upper);
}

} // namespace

bool permutes_bytes() {
    static const bool has = __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
    return has;
}

COPENCV_VBMI
void permute(Colors &colors, const float *heat, int count, const Palette &palette) {
    static_assert(block == lanes);
    const uint64_t wanted = ~uint64_t{0} >> (lanes - static_cast<size_t>(count));
    __m512i all = _mm512_castsi128_si512(numbers(heat, wanted));
    all = _mm512_inserti32x4(all, numbers(heat + 16, wanted >> 16), 1);
    all = _mm512_inserti32x4(all, numbers(heat + 32, wanted >> 32), 2);
    all = _mm512_inserti32x4(all, numbers(heat + 48, wanted >> 48), 3);
    const __m512i blue = look_up(all, palette.channels[0]), green = look_up(all, palette.channels[1]),
                  red = look_up(all, palette.channels[2]);
    for (size_t part = 0; part < 3; part++) {
        const __m512i pair =
            _mm512_permutex2var_epi8(blue, _mm512_load_si512(interleaving.blue_or_green[part]), green);
        const __m512i bytes = _mm512_mask_permutexvar_epi8(pair, interleaving.is_red[part],
                                                           _mm512_load_si512(interleaving.red[part]), red);
        _mm512_storeu_si512(&colors[lanes * part], bytes);
    }
}

} // namespace copencv

#else

namespace copencv {

bool permutes_bytes() { return false; }
void permute(Colors &, const float *, int, const Palette &) {}

} // namespace copencv

#endif
