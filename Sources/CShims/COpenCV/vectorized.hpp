#pragma once

/// For the loops over all bytes of a picture: compiled for AVX2 as well, which the processor's own is chosen from when
/// the program starts. AVX2 alone has no fused multiply-add, so that results are the same in every bit. Functions that
/// such a one calls are only compiled along where they are inlined; lambdas inside are not.
#if defined(__x86_64__)
#define COPENCV_VECTORIZED __attribute__((target_clones("avx2", "default")))
#else
#define COPENCV_VECTORIZED
#endif
