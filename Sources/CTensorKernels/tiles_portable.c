// The kernels for processors that none of the others is for, on the compiler's own vectors.
#include "bfloat.h"

#define KERNEL
#define LANES 4
#define ROWS 3

typedef float floats __attribute__((vector_size(16)));
typedef int32_t words __attribute__((vector_size(16)));

static inline floats floats_zero(void) { return (floats){0, 0, 0, 0}; }
static inline floats floats_same(float number) { return (floats){number, number, number, number}; }
static inline floats floats_load(const float *p) { floats x; memcpy(&x, p, sizeof x); return x; }
static inline void floats_store(float *p, floats x) { memcpy(p, &x, sizeof x); }
static inline floats floats_product(floats a, floats b) { return a * b; }
static inline floats floats_add_product(floats sum, floats a, floats b) { return sum + a * b; }
static inline words words_load(const uint8_t *p) { words x; memcpy(&x, p, sizeof x); return x; }
static inline words words_same(uint32_t word) { int32_t w = (int32_t)word; return (words){w, w, w, w}; }
static inline floats floats_from(words x) { return __builtin_convertvector(x, floats); }
static inline floats scales_load(const uint8_t *p) {
    uint16_t brain[4];
    memcpy(brain, p, sizeof brain);
    return (floats){bfloat_widened(brain[0]), bfloat_widened(brain[1]), bfloat_widened(brain[2]), bfloat_widened(brain[3])};
}

#define FLOAT32

#define BFLOAT16
#define BFLOAT_WORDS 2
static inline floats low_floats(words x) { return (floats)(x << 16); }
static inline floats high_floats(words x) { return (floats)(x & (int32_t)0xffff0000); }

#define WHOLE_NUMBERS
#define DOT_WORDS 4
static inline words words_dot(words sum, words weights, const words x[4]) {
    return sum + (weights & 255) * x[0] + (weights >> 8 & 255) * x[1] + (weights >> 16 & 255) * x[2] + (weights >> 24 & 255) * x[3];
}
static inline words codes_values(words codes) {
    uint8_t bytes[16];
    memcpy(bytes, &codes, sizeof bytes);
    extern const uint8_t int4_values[16];
    for (int i = 0; i < 16; i++) bytes[i] = int4_values[bytes[i] & 15];
    memcpy(&codes, bytes, sizeof bytes);
    return codes;
}
static inline words words_low_codes(words codes) { return codes_values(codes); }
static inline words words_high_codes(words codes) { return codes_values(codes >> 4); }

#include "tiles.h"
#include "weight_blocks.h"

const struct tile_kernel portable_kernels[tensor_formats] = {
    [tensor_float32] = {ROWS, 1, pack_float32, product_float32, NULL, NULL, 0},
    [tensor_bfloat16] = {ROWS, BFLOAT_WORDS, pack_bfloat16, product_bfloat16, product_widened_bfloat16, widen_bfloat16, 2 * step_bytes},
    [tensor_int8] = {ROWS, DOT_WORDS, pack_int8, product_int8, NULL, NULL, 0},
    [tensor_int4] = {ROWS, DOT_WORDS, pack_int4, product_int4, product_widened, widen_int4, widened_int4_bytes},
};

const struct weight_packing portable_packing = WEIGHT_PACKING;
