// The kernels for 64-bit ARM.
#if defined(__aarch64__)
#include "neon.h"

#define KERNEL

#define FLOAT32

#define BFLOAT16
#define BFLOAT_WORDS 2
#define low_floats(words) vreinterpretq_f32_s32(vshlq_n_s32(words, 16))
#define high_floats(words) vreinterpretq_f32_s32(vandq_s32(words, vdupq_n_s32((int32_t)0xffff0000)))

#define WHOLE_NUMBERS
#define DOT_WORDS 2
#define even_bytes(words) vreinterpretq_s16_u16(vandq_u16(vreinterpretq_u16_s32(words), vdupq_n_u16(255)))
#define odd_bytes(words) vreinterpretq_s16_u16(vshrq_n_u16(vreinterpretq_u16_s32(words), 8))
/// The sums of neighbouring products of 16 bits.
static inline int32x4_t add_neighbours(int32x4_t sum, int16x8_t a, int16x8_t b) {
    return vaddq_s32(sum, vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b)));
}
#define words_dot(sum, weights, x) \
    add_neighbours(add_neighbours(sum, even_bytes(weights), vreinterpretq_s16_s32((x)[0])), odd_bytes(weights), vreinterpretq_s16_s32((x)[1]))

#include "tiles.h"
#include "weight_blocks.h"

const struct tile_kernel neon_kernels[tensor_formats] = {
    [tensor_float32] = {ROWS, 1, pack_float32, product_float32, NULL, NULL, 0},
    [tensor_bfloat16] = {ROWS, BFLOAT_WORDS, pack_bfloat16, product_bfloat16, product_widened_bfloat16, widen_bfloat16, 2 * step_bytes},
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL, 0},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4, widened_int4_bytes},
};

const struct weight_packing neon_packing = WEIGHT_PACKING;
#endif
