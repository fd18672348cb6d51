#pragma once
// The vectors of AVX-512 for tiles.h.
//
// 12 rows × 32 outputs: 24 sums, two weight vectors and an activation; fourteen loads feed twenty-four products, so that processors with two
// multipliers and two loads a cycle are held up by neither loads nor the four or five cycles that a sum takes.
#include <immintrin.h>

#include "bfloat.h"

#define LANES 16
#define ROWS 12

typedef __m512 floats;
typedef __m512i words;

#define floats_zero() _mm512_setzero_ps()
#define floats_same(number) _mm512_set1_ps(number)
#define floats_load(p) _mm512_loadu_ps(p)
#define floats_store(p, x) _mm512_storeu_ps(p, x)
#define floats_product(a, b) _mm512_mul_ps(a, b)
#define floats_add_product(sum, a, b) _mm512_fmadd_ps(a, b, sum)
#define words_load(p) _mm512_loadu_si512(p)
#define words_same(word) _mm512_set1_epi32((int32_t)(word))
#define floats_from(words) _mm512_cvtepi32_ps(words)
#define scales_load(p) _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(p))), 16))
#define code_values(codes) \
    _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)int4_values)), _mm512_and_si512(codes, _mm512_set1_epi8(15)))
#define words_low_codes(words) code_values(words)
#define words_high_codes(words) code_values(_mm512_srli_epi16(words, 4))
