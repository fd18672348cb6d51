#pragma once
// What stands between the matrix products in a LLaMA: norms, rotary positions, the gated layer, attention over cached keys and values.
//
// All matrices are row-major and single precision; none need be aligned. The level is one that the processor has. Each row's result depends on that row alone, never on how many others are computed
// with it.
#include <stddef.h>
#include <stdint.h>

#include "products.h"

/// Keys of one panel: a cache holds that many positions' keys interleaved.
enum { decoder_panel = 16 };

/// Keys and values of one layer of one sequence.
///
/// Keys lie in panels of 16 positions, `heads × capacity/16 × dimension × 16`, so that one query's products with 16 keys are made side by side. Values lie as
/// `heads × capacity × padded`, `padded` being `dimension` rounded up to 16, the rest zero. Everything is finite from the beginning: positions not yet written
/// are multiplied with zero.
struct decoder_cache {
    /// Single precision, or half where `is_half`.
    void *keys, *values;
    size_t heads, dimension, padded;
    /// Positions, a multiple of 16.
    size_t capacity;
    int is_half;
};

/// `output = x / √(mean(x²) + ε) · weight`, row by row.
void decoder_rms_norm(tensor_level level, const float *x, const float *weight, float *output, size_t rows, size_t columns, float epsilon);

/// `x += y`
void decoder_add(tensor_level level, float *x, const float *y, size_t count);

/// `y[r, first + c] += scale[r] · x[r, c]` for columns `c < width`; rows of y are `stride` apart.
void decoder_add_scaled(tensor_level level, float *y, size_t stride, size_t first, const float *x, size_t rows, size_t width, const float *scale);

/// `output = silu(gate) · up`; a row of the input is its gates, then its ups, `2 · width`.
void decoder_gate(tensor_level level, const float *gate_up, float *output, size_t rows, size_t width);

/// Turns the halves of each head's vector by its row's angles, in place (Hugging Face's convention: number i goes with number i + dimension/2).
///
/// - cosines, sines: `rows × dimension/2`
void decoder_rotate(tensor_level level, float *x, size_t rows, size_t stride, size_t heads, size_t dimension, const float *cosines, const float *sines);

/// Writes rows' keys and values at positions `position …`. Scratch: `padded` numbers.
void decoder_store(tensor_level level, const struct decoder_cache *cache, const float *keys, const float *values, size_t rows, size_t stride, size_t position, float *scratch);

/// Numbers of scratch space that `decoder_attend` needs for positions up to `end`.
size_t decoder_attend_scratch(const struct decoder_cache *cache, size_t end);

/// Causal attention: row r, at `position + r`, looks at all positions to its own, which are all stored.
///
/// - query_heads: a multiple of the cache's heads; query head h goes with the cache's head `h / (query_heads / heads)`
/// - stride, output_stride: numbers from row to row
void decoder_attend(tensor_level level, const struct decoder_cache *cache, const float *queries, size_t stride, size_t query_heads, size_t rows, size_t position,
                    float *output, size_t output_stride, float *scratch);

/// The place of the largest number, the first of equal ones; numbers that are none count as the smallest. `count` is at least 1.
size_t decoder_largest(tensor_level level, const float *x, size_t count);

/// `x = exp((x - largest) · scale)`, and their sum. `largest` is no less than any of them.
double decoder_exponentials(tensor_level level, float *x, size_t count, float largest, float scale);
