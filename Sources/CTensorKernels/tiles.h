// The tile kernels, written over the vectors of one set of instructions. Included once by a file of each set, which defines before:
//
//   KERNEL                     attributes of every function: the target
//   LANES                      32-bit lanes of a vector; a panel is VECTORS = 32 / LANES of them
//   ROWS                       most rows of a tile
//   floats, words              vectors of single-precision numbers and of 32-bit words
//   floats_zero() floats_load(p) floats_store(p, x) floats_same(number) floats_add_product(sum, a, b) floats_product(a, b)
//   words_load(p) words_same(word) floats_from(words)
//   scales_load(p)             LANES bfloat16 numbers as floats
//   and for the formats wanted of FLOAT32, BFLOAT16, WHOLE_NUMBERS what stands beside each below
//
// Everything is unrolled over rows and vectors, so that the arrays below become registers.
#include <string.h>

#include "layout.h"

enum { VECTORS = panel / LANES };
#define INLINE KERNEL static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
// Weights come from memory when few rows are multiplied: asked for two pages ahead, so that a page boundary stops no stream.
#define PREFETCH_DISTANCE 2048

INLINE void start_tile(floats sums[ROWS][VECTORS], const size_t rows, const float *out, size_t stride, int accumulate) {
    UNROLL for (size_t r = 0; r < rows; r++)
        UNROLL for (size_t v = 0; v < VECTORS; v++) sums[r][v] = accumulate ? floats_load(out + r * stride + v * LANES) : floats_zero();
}

INLINE void finish_tile(floats sums[ROWS][VECTORS], const size_t rows, float *out, size_t stride) {
    UNROLL for (size_t r = 0; r < rows; r++)
        UNROLL for (size_t v = 0; v < VECTORS; v++) floats_store(out + r * stride + v * LANES, sums[r][v]);
}

// One of these for each number of rows.
#if ROWS == 12
#define FOR_EACH_COUNT(name) name(1) name(2) name(3) name(4) name(5) name(6) name(7) name(8) name(9) name(10) name(11) name(12)
#elif ROWS == 6
#define FOR_EACH_COUNT(name) name(1) name(2) name(3) name(4) name(5) name(6)
#elif ROWS == 4
#define FOR_EACH_COUNT(name) name(1) name(2) name(3) name(4)
#elif ROWS == 3
#define FOR_EACH_COUNT(name) name(1) name(2) name(3)
#endif
#define TILE_PRODUCT(name)                                                                                                                                    \
    KERNEL static void name(size_t rows, size_t blocks, const uint32_t *activations, const uint8_t *weights, float *out, size_t stride, int accumulate) {    \
        switch (rows) { FOR_EACH_COUNT(TILE_CASE_##name) }                                                                                                   \
    }

#ifdef FLOAT32
INLINE void multiply_float32(const size_t rows, size_t blocks, const uint32_t *x, const uint8_t *weights, float *out, size_t stride, int accumulate) {
    floats sums[ROWS][VECTORS];
    start_tile(sums, rows, out, stride, accumulate);
    for (size_t block = 0; block < blocks; block++, weights += step_bytes, x += rows) {
        UNROLL for (size_t line = 0; line < step_bytes; line += 64) __builtin_prefetch(weights + PREFETCH_DISTANCE + line);
        floats weight[VECTORS];
        UNROLL for (size_t v = 0; v < VECTORS; v++) weight[v] = floats_load((const float *)(const void *)weights + v * LANES);
        UNROLL for (size_t r = 0; r < rows; r++) {
            floats value = floats_same(((const float *)(const void *)x)[r]);
            UNROLL for (size_t v = 0; v < VECTORS; v++) sums[r][v] = floats_add_product(sums[r][v], weight[v], value);
        }
    }
    finish_tile(sums, rows, out, stride);
}
#define TILE_CASE_product_float32(count) case count: multiply_float32(count, blocks, activations, weights, out, stride, accumulate); break;
TILE_PRODUCT(product_float32)

KERNEL static void pack_float32(size_t rows, size_t inputs, const float *values, size_t stride, uint32_t *packed) {
    // Of each row a cache line at a time, so that neither the rows nor what is written leave the first-level cache on the way.
    for (size_t start = 0; start < inputs; start += 16) {
        const size_t count = inputs - start < 16 ? inputs - start : 16;
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < count; i++) memcpy(packed + (start + i) * rows + r, values + r * stride + start + i, 4);
    }
}
#endif

// BFLOAT16: BFLOAT_WORDS, words of activations for two inputs: 1, both as bfloat16 in a word; or 2, single precision.
//   1: floats_add_pairs(sum, weights, activations), all words of two bfloat16
//   2: low_floats(words), high_floats(words): the two bfloat16 numbers of each word
#ifdef BFLOAT16
INLINE void multiply_bfloat16(const size_t rows, size_t blocks, const uint32_t *x, const uint8_t *weights, float *out, size_t stride, int accumulate) {
    floats sums[ROWS][VECTORS];
    start_tile(sums, rows, out, stride, accumulate);
    for (size_t block = 0; block < blocks; block++, weights += step_bytes, x += rows * BFLOAT_WORDS) {
        UNROLL for (size_t line = 0; line < step_bytes; line += 64) __builtin_prefetch(weights + PREFETCH_DISTANCE + line);
        words weight[VECTORS];
        UNROLL for (size_t v = 0; v < VECTORS; v++) weight[v] = words_load(weights + v * LANES * 4);
#if BFLOAT_WORDS == 1
        UNROLL for (size_t r = 0; r < rows; r++) {
            words pair = words_same(x[r]);
            UNROLL for (size_t v = 0; v < VECTORS; v++) sums[r][v] = floats_add_pairs(sums[r][v], weight[v], pair);
        }
#else
        const float *singles = (const float *)(const void *)x;
        UNROLL for (size_t r = 0; r < rows; r++) {
            floats value = floats_same(singles[r]);
            UNROLL for (size_t v = 0; v < VECTORS; v++) sums[r][v] = floats_add_product(sums[r][v], low_floats(weight[v]), value);
        }
        UNROLL for (size_t r = 0; r < rows; r++) {
            floats value = floats_same(singles[rows + r]);
            UNROLL for (size_t v = 0; v < VECTORS; v++) sums[r][v] = floats_add_product(sums[r][v], high_floats(weight[v]), value);
        }
#endif
    }
    finish_tile(sums, rows, out, stride);
}
#define TILE_CASE_product_bfloat16(count) case count: multiply_bfloat16(count, blocks, activations, weights, out, stride, accumulate); break;
TILE_PRODUCT(product_bfloat16)

KERNEL static void pack_bfloat16(size_t rows, size_t inputs, const float *values, size_t stride, uint32_t *packed) {
    for (size_t start = 0; start < inputs; start += 16) {
        const size_t count = inputs - start < 16 ? inputs - start : 16, pairs = (count + 1) / 2;
        for (size_t r = 0; r < rows; r++) {
            float part[16] = {0};
            memcpy(part, values + r * stride + start, count * sizeof *part);
            uint32_t *x = packed + start / 2 * BFLOAT_WORDS * rows + r;
#if BFLOAT_WORDS == 1
            uint16_t brains[16];
            for (size_t i = 0; i < 16; i++) brains[i] = bfloat_from(part[i]);
            for (size_t pair = 0; pair < pairs; pair++) memcpy(x + pair * rows, brains + 2 * pair, 4);
#else
            for (size_t i = 0; i < 2 * pairs; i++) memcpy(x + i * rows, part + i, 4);
#endif
        }
    }
}
#endif

// WHOLE_NUMBERS: DOT_WORDS, words of activations for four inputs: 1, four bytes; 2, the even and the odd ones as 16 bits; 4, 32 bits each; and
//   words_dot(sums, weights, x[DOT_WORDS]): adds the four products of each lane; weights are unsigned bytes, activations signed
//   words_low_codes(w), words_high_codes(w): the values of the codes in the lower and the upper four bits of each byte
#ifdef WHOLE_NUMBERS
#include "tiles_whole.h"
#endif
