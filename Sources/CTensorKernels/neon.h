#pragma once
// The vectors of 64-bit ARM for tiles.h.
//
// 3 rows × 32 outputs: 24 sums of the 32 registers.
#include <arm_neon.h>

#include "bfloat.h"

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

#define words_low_codes(words) vreinterpretq_s32_u8(vqtbl1q_u8(vld1q_u8(int4_values), vandq_u8(vreinterpretq_u8_s32(words), vdupq_n_u8(15))))
#define words_high_codes(words) vreinterpretq_s32_u8(vqtbl1q_u8(vld1q_u8(int4_values), vshrq_n_u8(vreinterpretq_u8_s32(words), 4)))
