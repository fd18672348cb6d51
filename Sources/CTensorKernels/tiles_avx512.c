// The kernels for AVX-512 (F, BW, DQ, VL).
#if defined(__x86_64__)
#include "avx512.h"

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))

#define FLOAT32

#define BFLOAT16
#define BFLOAT_WORDS 2
#define low_floats(words) _mm512_castsi512_ps(_mm512_slli_epi32(words, 16))
#define high_floats(words) _mm512_castsi512_ps(_mm512_and_si512(words, _mm512_set1_epi32((int32_t)0xffff0000)))

// In 16 bits: two products of unsigned and signed bytes could overflow where `vpmaddubsw` adds them.
#define WHOLE_NUMBERS
#define DOT_WORDS 2
#define words_dot(sum, weights, x)                                                                                  \
    _mm512_add_epi32(_mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_and_si512(weights, _mm512_set1_epi16(255)), (x)[0])), \
                     _mm512_madd_epi16(_mm512_srli_epi16(weights, 8), (x)[1]))

#include "tiles.h"
#include "weight_blocks.h"

const struct tile_kernel avx512_kernels[tensor_formats] = {
    [tensor_float32] = {ROWS, 1, pack_float32, product_float32, NULL, NULL, 0},
    [tensor_bfloat16] = {ROWS, BFLOAT_WORDS, pack_bfloat16, product_bfloat16, product_widened_bfloat16, widen_bfloat16, 2 * step_bytes},
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL, 0},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4, widened_int4_bytes},
};

const struct weight_packing avx512_packing = WEIGHT_PACKING;
#endif
