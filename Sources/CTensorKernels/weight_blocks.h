// Packing of weights, written over the vectors of one set of instructions: 32 outputs side by side, each in a lane of its own, so that nothing is summed across
// lanes and a block comes out in the order it is stored in. Included once by a file of each set, which defines KERNEL and LANES before.
//
// Of vectors, only the compiler's own operators are used. Numbers become whole by adding 1.5·2²³: the lowest bits of the sum are the number, rounded to nearest even.
#include <math.h>
#include <string.h>

#include "layout.h"

typedef float lanes_f __attribute__((vector_size(LANES * 4)));
typedef int32_t lanes_i __attribute__((vector_size(LANES * 4)));
typedef float four_f __attribute__((vector_size(16)));

#define BLOCK_INLINE KERNEL static inline __attribute__((always_inline))
#define UNROLL_ALL _Pragma("clang loop unroll(full)")
#define FLOATS(number) ((lanes_f){0} + (number))
#define WORDS(number) ((lanes_i){0} + (number))
// The lanes of `a` where the mask is set, of `b` elsewhere.
#define SELECT(mask, a, b) (((lanes_i)(a) & (mask)) | ((lanes_i)(b) & ~(mask)))
#define ROUNDED(x) ((lanes_i)((x) + 0x1.8p23f) - 0x4b400000)

/// `columns[i][output] = rows[output][i]` for all 32 outputs; `count` is a multiple of 4.
KERNEL static void transpose_rows(const float *const rows[panel], size_t count, float *columns) {
    for (size_t o = 0; o < panel; o += 4) {
        for (size_t i = 0; i < count; i += 4) {
            four_f a, b, c, d;
            memcpy(&a, rows[o] + i, 16);
            memcpy(&b, rows[o + 1] + i, 16);
            memcpy(&c, rows[o + 2] + i, 16);
            memcpy(&d, rows[o + 3] + i, 16);
            four_f ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            four_f cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            four_f out[4] = {__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
                             __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
            UNROLL_ALL for (size_t k = 0; k < 4; k++) memcpy(columns + (i + k) * panel + o, out + k, 16);
        }
    }
}

BLOCK_INLINE lanes_f column_at(const float *columns, size_t input) {
    lanes_f x;
    memcpy(&x, columns + input * panel, sizeof x);
    return x;
}

/// bfloat16 in the upper half of each word, rounded to nearest even; a NaN stays one.
BLOCK_INLINE lanes_i bfloat_words(lanes_f x) {
    lanes_i bits = (lanes_i)x, rounded = bits + 0x7fff + (bits >> 16 & 1);
    return SELECT((bits & 0x7fffffff) > 0x7f800000, bits | 0x400000, rounded) & (int32_t)0xffff0000;
}

/// The upper halves of `scales`, one after the other.
BLOCK_INLINE void store_scales(lanes_f scales, uint8_t *block, size_t first) {
    lanes_i bits = (lanes_i)scales;
    uint16_t halves[LANES];
    UNROLL_ALL for (size_t lane = 0; lane < LANES; lane++) halves[lane] = (uint16_t)((uint32_t)bits[lane] >> 16);
    memcpy(block + first * 2, halves, sizeof halves);
}

KERNEL static void pack_columns_float32(const float *columns, size_t count, uint8_t *packed) { memcpy(packed, columns, count * step_bytes); }

KERNEL static void pack_columns_bfloat16(const float *columns, size_t count, uint8_t *packed) {
    for (size_t i = 0; i < count; i += 2, packed += step_bytes)
        UNROLL_ALL for (size_t o = 0; o < panel; o += LANES) {
            lanes_i first = bfloat_words(column_at(columns + o, i)), second = i + 1 < count ? bfloat_words(column_at(columns + o, i + 1)) : WORDS(0);
            lanes_i pair = (lanes_i)((first >> 16) & 0xffff) | second;
            memcpy(packed + 4 * o, &pair, sizeof pair);
        }
}

enum {
    infinite_bits = 0x7f800000,
    // 2^-100: below, a block is zero, and so is its scale; the reciprocal of a scale much smaller would be infinite.
    tiny_bits = 0x0d800000,
};

/// The weight of largest magnitude of each lane. As bits, magnitudes keep their order and a NaN is larger than infinity: neither is overlooked.
BLOCK_INLINE lanes_f largest_of(const float *columns, size_t count) {
    lanes_i largest = WORDS(-1);
    lanes_f signed_largest = FLOATS(0);
    for (size_t i = 0; i < count; i++) {
        lanes_f x = column_at(columns, i);
        lanes_i bits = (lanes_i)x & 0x7fffffff, larger = bits > largest;
        largest = SELECT(larger, bits, largest);
        signed_largest = (lanes_f)SELECT(larger, x, signed_largest);
    }
    return signed_largest;
}

KERNEL static void pack_columns_int8(const float *columns, size_t count, uint8_t *block) {
    (void)count;
    UNROLL_ALL for (size_t o = 0; o < panel; o += LANES) {
        const lanes_i magnitude = (lanes_i)largest_of(columns + o, 64) & 0x7fffffff;
        const lanes_i usable = (magnitude >= tiny_bits) & (magnitude < infinite_bits);
        // Rounded up: with a smaller scale the largest weight would not fit.
        const lanes_f scale = (lanes_f)(((lanes_i)((lanes_f)magnitude * (1 / 127.f)) + 0xffff) & (int32_t)0xffff0000);
        const lanes_f factor = (lanes_f)((lanes_i)(1 / scale) & usable);
        store_scales((lanes_f)SELECT(magnitude >= infinite_bits, FLOATS(NAN), (lanes_f)((lanes_i)scale & usable)), block, o);
        for (size_t i = 0; i < 64; i += 4) {
            lanes_i word = WORDS(0);
            UNROLL_ALL for (size_t k = 0; k < 4; k++) word |= ((ROUNDED(column_at(columns + o, i + k) * factor) + 128) & 255) << 8 * k;
            memcpy(block + scale_bytes + i / 4 * step_bytes + 4 * o, &word, sizeof word);
        }
    }
}

/// The nearest of the four-bit codes' values, which grow a little faster than evenly: value = 10.5·t + 0.084·t³ for t = code - 8 (see int4_values).
/// The inverse is a polynomial that meets the middles between neighbours to 0.03 of a step.
BLOCK_INLINE lanes_i nearest_step(lanes_f value) {
    const lanes_f part = value * (1 / 128.f), square = part * part;
    const lanes_f step = part * (11.67610f + square * (-6.96134f + square * 3.57905f));
    return ROUNDED(__builtin_elementwise_min(__builtin_elementwise_max(step, FLOATS(-8)), FLOATS(7)));
}

BLOCK_INLINE lanes_f step_value(lanes_i step) {
    const lanes_f t = __builtin_convertvector(step, lanes_f);
    return t * (10.49934f + 0.0839947f * (t * t));
}

KERNEL static void pack_columns_int4(const float *columns, size_t count, uint8_t *block) {
    (void)count;
    // What the weight of largest magnitude becomes in each attempt: the five of all between 60 and 150, on either side, that together leave the least error on
    // normally distributed weights. All are on the side that has one value more. Four times as many would take away one more percent of the error.
    static const float attempts[] = {-128, -108, -120, -136, -104};
    UNROLL_ALL for (size_t o = 0; o < panel; o += LANES) {
        const lanes_f largest = largest_of(columns + o, 32);
        const lanes_i magnitude = (lanes_i)largest & 0x7fffffff;
        const lanes_i usable = (magnitude >= tiny_bits) & (magnitude < infinite_bits);
        // In parts of the largest, so that no square leaves the range of single precision.
        const lanes_f part = (lanes_f)((lanes_i)(1 / largest) & usable);
        lanes_f parts[32], most = FLOATS(-1), best = FLOATS(0);
        for (size_t i = 0; i < 32; i++) parts[i] = column_at(columns + o, i) * part;
        for (size_t a = 0; a < sizeof attempts / sizeof *attempts; a++) {
            lanes_f product = FLOATS(0), square = FLOATS(0x1p-60f);
            for (size_t i = 0; i < 32; i++) {
                const lanes_f value = step_value(nearest_step(parts[i] * attempts[a]));
                product += value * parts[i];
                square += value * value;
            }
            // The scale with the least error for these codes, and what it takes off the sum of squares.
            const lanes_f scale = product / square, gain = product * scale;
            const lanes_i better = gain > most;
            most = (lanes_f)SELECT(better, gain, most);
            best = (lanes_f)SELECT(better, scale, best);
        }
        const lanes_f scale = (lanes_f)(bfloat_words(best * largest) & usable);
        const lanes_f factor = (lanes_f)((lanes_i)(1 / scale) & usable);
        store_scales((lanes_f)SELECT(magnitude >= infinite_bits, FLOATS(NAN), scale), block, o);
        for (size_t i = 0; i < 32; i += 8) {
            lanes_i word = WORDS(0);
            UNROLL_ALL for (size_t k = 0; k < 8; k++) word |= ((nearest_step(column_at(columns + o, i + k) * factor) + 8) & 15) << (k < 4 ? 8 * k : 8 * k - 28);
            memcpy(block + scale_bytes + i / 8 * step_bytes + 4 * o, &word, sizeof word);
        }
    }
}

#define WEIGHT_PACKING {transpose_rows, {pack_columns_float32, pack_columns_bfloat16, pack_columns_int8, pack_columns_int4}}
