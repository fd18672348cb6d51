// The kernels for AVX2 with FMA.
//
// 3 rows × 32 outputs: 12 sums, 3 activations and a weight vector fill the 16 registers; seven loads feed twelve products.
#if defined(__x86_64__)
#include <immintrin.h>

#include "bfloat.h"

#define KERNEL __attribute__((target("avx2,fma")))
#define LANES 8
#define ROWS 3

typedef __m256 floats;
typedef __m256i words;

#define floats_zero() _mm256_setzero_ps()
#define floats_same(number) _mm256_set1_ps(number)
#define floats_load(p) _mm256_loadu_ps(p)
#define floats_store(p, x) _mm256_storeu_ps(p, x)
#define floats_product(a, b) _mm256_mul_ps(a, b)
#define floats_add_product(sum, a, b) _mm256_fmadd_ps(a, b, sum)
#define words_load(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define words_same(word) _mm256_set1_epi32((int32_t)(word))
#define floats_from(words) _mm256_cvtepi32_ps(words)
#define scales_load(p) _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(p))), 16))

#define FLOAT32

#define BFLOAT16
#define BFLOAT_WORDS 2
#define low_floats(words) _mm256_castsi256_ps(_mm256_slli_epi32(words, 16))
#define high_floats(words) _mm256_castsi256_ps(_mm256_and_si256(words, _mm256_set1_epi32((int32_t)0xffff0000)))

// In 16 bits: two products of unsigned and signed bytes could overflow where `vpmaddubsw` adds them.
#define WHOLE_NUMBERS
#define DOT_WORDS 2
#define words_dot(sum, weights, x)                                                                                  \
    _mm256_add_epi32(_mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_and_si256(weights, _mm256_set1_epi16(255)), (x)[0])), \
                     _mm256_madd_epi16(_mm256_srli_epi16(weights, 8), (x)[1]))
#define code_values(codes) \
    _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)int4_values)), _mm256_and_si256(codes, _mm256_set1_epi8(15)))
#define words_low_codes(words) code_values(words)
#define words_high_codes(words) code_values(_mm256_srli_epi16(words, 4))

#include "tiles.h"
#include "weight_blocks.h"

const struct tile_kernel avx2_kernels[tensor_formats] = {
    [tensor_float32] = {ROWS, 1, pack_float32, product_float32, NULL, NULL, 0},
    [tensor_bfloat16] = {ROWS, BFLOAT_WORDS, pack_bfloat16, product_bfloat16, product_widened_bfloat16, widen_bfloat16, 2 * step_bytes},
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL, 0},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4, widened_int4_bytes},
};

const struct weight_packing avx2_packing = WEIGHT_PACKING;
#endif
