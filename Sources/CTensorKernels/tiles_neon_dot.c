// The kernels for 64-bit ARM with dot products of bytes.
#if defined(__aarch64__)
#include "neon.h"

#define KERNEL __attribute__((target("dotprod")))

// Both operands are signed.
#define WHOLE_NUMBERS
#define DOT_WORDS 1
#define WEIGHT_OFFSET 0
#define words_dot(sum, weights, x) \
    vdotq_s32(sum, vreinterpretq_s8_u8(veorq_u8(vreinterpretq_u8_s32(weights), vdupq_n_u8(128))), vreinterpretq_s8_s32((x)[0]))

#include "tiles.h"

const struct tile_kernel neon_dot_kernels[tensor_formats] = {
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL, 0},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4, widened_int4_bytes},
};
#endif
