// The kernels for AVX-512 with dot products of bfloat16: activations are rounded to bfloat16 as well, sums are single precision.
#if defined(__x86_64__)
#include "avx512.h"

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))

#define BFLOAT16
#define BFLOAT_WORDS 1
#define floats_add_pairs(sum, weights, x) _mm512_dpbf16_ps(sum, (__m512bh)(weights), (__m512bh)(x))

#include "tiles.h"

const struct tile_kernel bfloat_kernels[tensor_formats] = {
    [tensor_bfloat16] = {ROWS, BFLOAT_WORDS, pack_bfloat16, product_bfloat16, NULL, NULL, 0},
};
#endif
