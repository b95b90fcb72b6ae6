#pragma once

/// For the loops over all bytes of a picture: compiled for AVX2 and AVX-512 as well, of which the processor's own is
/// chosen when the program starts. Functions that such a one calls are only compiled along where they are inlined;
/// lambdas inside are not.
#if defined(__x86_64__)
#define COPENCV_VECTORIZED __attribute__((target_clones("avx512bw", "avx2", "default")))
#else
#define COPENCV_VECTORIZED
#endif

// AVX-512 brings the fused multiply-add, which rounds once instead of twice: without it, results are the same in every
// bit.
#pragma STDC FP_CONTRACT OFF
