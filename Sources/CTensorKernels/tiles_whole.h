// The products over eight-bit and four-bit weights; see tiles.h, which includes this.
//
// Weights are unsigned bytes, 128 too large, because the processors' dot products take one unsigned and one signed operand. What that adds to a block's sum,
// 128 times the sum of its activations, is known when the activations are packed: the sum starts there, below zero, and nothing is left to correct.
// Sums of whole numbers are exact, and so the same on every processor; only the scaled sums of blocks are rounded.
#include <math.h>

INLINE void multiply_group(words totals[ROWS][VECTORS], const size_t rows, const words weight[VECTORS], const uint32_t *x) {
    UNROLL for (size_t r = 0; r < rows; r++) {
        words value[DOT_WORDS];
        UNROLL for (size_t d = 0; d < DOT_WORDS; d++) value[d] = words_same(x[d * rows + r]);
        UNROLL for (size_t v = 0; v < VECTORS; v++) totals[r][v] = words_dot(totals[r][v], weight[v], value);
    }
}

INLINE void multiply_whole(const size_t rows, const size_t groups, const int codes, size_t blocks, const uint32_t *x, const uint8_t *weights, float *out,
                           size_t stride, int accumulate) {
    floats sums[ROWS][VECTORS];
    start_tile(sums, rows, out, stride, accumulate);
    for (size_t block = 0; block < blocks; block++) {
        const float *scales = (const float *)(const void *)x + rows;
        words totals[ROWS][VECTORS];
        UNROLL for (size_t r = 0; r < rows; r++)
            UNROLL for (size_t v = 0; v < VECTORS; v++) totals[r][v] = words_same(x[r]);
        floats scale[VECTORS];
        UNROLL for (size_t v = 0; v < VECTORS; v++) scale[v] = scales_load(weights + v * LANES * 2);
        __builtin_prefetch(weights + PREFETCH_DISTANCE);
        weights += scale_bytes;
        x += 2 * rows;
        for (size_t group = 0; group < groups; group += 1 + codes, weights += step_bytes, x += (1 + codes) * DOT_WORDS * rows) {
            UNROLL for (size_t line = 0; line < step_bytes; line += 64) __builtin_prefetch(weights + PREFETCH_DISTANCE + line);
            words weight[VECTORS];
            UNROLL for (size_t v = 0; v < VECTORS; v++) weight[v] = words_load(weights + v * LANES * 4);
            if (!codes) {
                multiply_group(totals, rows, weight, x);
            } else {
                words values[VECTORS];
                UNROLL for (size_t v = 0; v < VECTORS; v++) values[v] = words_low_codes(weight[v]);
                multiply_group(totals, rows, values, x);
                UNROLL for (size_t v = 0; v < VECTORS; v++) values[v] = words_high_codes(weight[v]);
                multiply_group(totals, rows, values, x + DOT_WORDS * rows);
            }
        }
        UNROLL for (size_t r = 0; r < rows; r++) {
            floats factor = floats_same(scales[r]);
            UNROLL for (size_t v = 0; v < VECTORS; v++)
                sums[r][v] = floats_add_product(sums[r][v], floats_from(totals[r][v]), floats_product(scale[v], factor));
        }
    }
    finish_tile(sums, rows, out, stride);
}

#define TILE_CASE_product_int8(count) case count: multiply_whole(count, 16, 0, blocks, activations, weights, out, stride, accumulate); break;
TILE_PRODUCT(product_int8)
#define TILE_CASE_product_int4(count) case count: multiply_whole(count, 8, 1, blocks, activations, weights, out, stride, accumulate); break;
TILE_PRODUCT(product_int4)
#define TILE_CASE_product_widened(count) case count: multiply_whole(count, 8, 0, blocks, activations, weights, out, stride, accumulate); break;
TILE_PRODUCT(product_widened)

KERNEL static void widen_int4(size_t blocks, const uint8_t *weights, uint8_t *widened) {
    for (size_t block = 0; block < blocks; block++) {
        memcpy(widened, weights, scale_bytes);
        weights += scale_bytes;
        widened += scale_bytes;
        for (size_t step = 0; step < 4; step++, weights += step_bytes, widened += 2 * step_bytes) {
            for (size_t v = 0; v < VECTORS; v++) {
                words codes = words_load(weights + v * LANES * 4), low = words_low_codes(codes), high = words_high_codes(codes);
                memcpy(widened + v * LANES * 4, &low, LANES * 4);
                memcpy(widened + step_bytes + v * LANES * 4, &high, LANES * 4);
            }
        }
    }
}

/// The words of a group of four activations, one every `spacing` words.
INLINE void store_group(const int8_t *four, uint32_t *x, size_t spacing) {
#if DOT_WORDS == 1
    (void)spacing;
    memcpy(x, four, 4);
#elif DOT_WORDS == 2
    int16_t even[2] = {four[0], four[2]}, odd[2] = {four[1], four[3]};
    memcpy(x, even, 4);
    memcpy(x + spacing, odd, 4);
#else
    for (size_t i = 0; i < 4; i++) x[i * spacing] = (uint32_t)(int32_t)four[i];
#endif
}

/// Quantises blocks of `length` activations to [-127, 127], each by its own largest magnitude.
INLINE void pack_whole(const size_t length, size_t rows, size_t inputs, const float *values, size_t stride, uint32_t *packed) {
    const size_t words_of_block = 2 + length / 4 * DOT_WORDS;
    for (size_t start = 0; start < inputs; start += length, packed += words_of_block * rows) {
        for (size_t r = 0; r < rows; r++) {
            uint32_t *x = packed + r;
            float padded[64];
            const float *block = values + r * stride + start;
            if (inputs - start < length) {
                memset(padded, 0, sizeof padded);
                memcpy(padded, block, (inputs - start) * sizeof *block);
                block = padded;
            }
            // As bits, magnitudes keep their order and a NaN is larger than infinity: neither is overlooked.
            int32_t largest_bits = 0;
            for (size_t i = 0; i < length; i++) {
                int32_t bits;
                memcpy(&bits, block + i, 4);
                bits &= 0x7fffffff;
                largest_bits = bits > largest_bits ? bits : largest_bits;
            }
            float largest;
            memcpy(&largest, &largest_bits, 4);
            // Below 2^-100 a block is zero, and so is its scale: 127 over it would be infinite.
            const int tiny = largest_bits < 0x0d800000, infinite = largest_bits >= 0x7f800000;
            const float factor = tiny || infinite ? 0 : 127 / largest, scale = infinite ? NAN : tiny ? 0 : largest / 127;
            int8_t bytes[64] = {0};
            int32_t total = 0;
            if (!infinite)
                for (size_t i = 0; i < length; i++) {
                    int32_t number = (int32_t)__builtin_rintf(block[i] * factor);
                    bytes[i] = (int8_t)number;
                    total += number;
                }
            x[0] = (uint32_t)(-128 * total);
            memcpy(x + rows, &scale, 4);
            for (size_t group = 0; group < length / 4; group++) store_group(bytes + 4 * group, x + (2 + group * DOT_WORDS) * rows, rows);
        }
    }
}
KERNEL static void pack_int8(size_t rows, size_t inputs, const float *values, size_t stride, uint32_t *packed) { pack_whole(64, rows, inputs, values, stride, packed); }
KERNEL static void pack_int4(size_t rows, size_t inputs, const float *values, size_t stride, uint32_t *packed) { pack_whole(32, rows, inputs, values, stride, packed); }
