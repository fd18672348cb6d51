// The kernels for 64-bit ARM.
//
// 3 rows × 32 outputs: 24 sums of the 32 registers.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "bfloat.h"

#define KERNEL
#define LANES 4
#define ROWS 3

typedef float32x4_t floats;
typedef int32x4_t words;

#define floats_zero() vdupq_n_f32(0)
#define floats_same(number) vdupq_n_f32(number)
#define floats_load(p) vld1q_f32(p)
#define floats_store(p, x) vst1q_f32(p, x)
#define floats_product(a, b) vmulq_f32(a, b)
#define floats_add_product(sum, a, b) vfmaq_f32(sum, a, b)
#define words_load(p) vreinterpretq_s32_u8(vld1q_u8(p))
#define words_same(word) vdupq_n_s32((int32_t)(word))
#define floats_from(words) vcvtq_f32_s32(words)
#define scales_load(p) vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(vld1_u8(p)), 16))

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
#define words_low_codes(words) vreinterpretq_s32_u8(vqtbl1q_u8(vld1q_u8(int4_values), vandq_u8(vreinterpretq_u8_s32(words), vdupq_n_u8(15))))
#define words_high_codes(words) vreinterpretq_s32_u8(vqtbl1q_u8(vld1q_u8(int4_values), vshrq_n_u8(vreinterpretq_u8_s32(words), 4)))

#include "tiles.h"
#include "weight_blocks.h"

const struct tile_kernel neon_kernels[tensor_formats] = {
    [tensor_float32] = {ROWS, 1, pack_float32, product_float32, NULL, NULL},
    [tensor_bfloat16] = {ROWS, BFLOAT_WORDS, pack_bfloat16, product_bfloat16, NULL, NULL},
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4},
};

const struct weight_packing neon_packing = WEIGHT_PACKING;
#endif
