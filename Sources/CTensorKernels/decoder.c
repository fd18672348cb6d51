#include "decoder.h"

#include <math.h>
#include <string.h>

#include "convert.h"

#define INLINE static inline __attribute__((always_inline))

struct decoder_functions {
    void (*rms_norm)(const float *, const float *, float *, size_t, size_t, float);
    void (*add)(float *, const float *, size_t);
    void (*add_scaled)(float *, size_t, size_t, const float *, size_t, size_t, const float *);
    void (*gate)(const float *, float *, size_t, size_t);
    void (*rotate)(float *, size_t, size_t, size_t, size_t, const float *, const float *);
    size_t (*largest)(const float *, size_t);
    double (*exponentials)(float *, size_t, float, float);
    void (*store)(const struct decoder_cache *, const float *, const float *, size_t, size_t, size_t, float *);
    void (*attend)(const struct decoder_cache *, const float *, size_t, size_t, size_t, size_t, float *, size_t, float *);
};

// Vectors of 64 bytes go between functions that are all inlined: that their passing depends on the processor does not matter.
#pragma clang diagnostic ignored "-Wpsabi"
// A product and a sum become one instruction where the processor has it.
#pragma clang fp contract(fast)

#define TILE 4
#define WIDE 1
#define NAME(x) portable_##x
#include "decoder_body.h"
#undef NAME
#undef TILE
#undef WIDE

#if defined(__x86_64__)
#define NATIVE_HALF
#define TILE 4
#define WIDE 1
#define NAME(x) avx2_##x
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "decoder_body.h"
#pragma clang attribute pop
#undef NAME
#undef TILE
#undef WIDE

#define TILE 8
#define WIDE 2
#define NAME(x) avx512_##x
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)
#include "decoder_body.h"
#pragma clang attribute pop
#undef NAME
#endif

/// The largest TILE.
enum { most_tile = 8 };

static const struct decoder_functions *functions(tensor_level level) {
#if defined(__x86_64__)
    return level >= tensor_avx512 ? &avx512_functions : level >= tensor_avx2 ? &avx2_functions : &portable_functions;
#else
    (void)level;
    return &portable_functions;
#endif
}

void decoder_rms_norm(tensor_level level, const float *x, const float *weight, float *output, size_t rows, size_t columns, float epsilon) {
    functions(level)->rms_norm(x, weight, output, rows, columns, epsilon);
}

void decoder_add(tensor_level level, float *x, const float *y, size_t count) { functions(level)->add(x, y, count); }

void decoder_add_scaled(tensor_level level, float *y, size_t stride, size_t first, const float *x, size_t rows, size_t width, const float *scale) {
    functions(level)->add_scaled(y, stride, first, x, rows, width, scale);
}

void decoder_gate(tensor_level level, const float *gate_up, float *output, size_t rows, size_t width) { functions(level)->gate(gate_up, output, rows, width); }

void decoder_rotate(tensor_level level, float *x, size_t rows, size_t stride, size_t heads, size_t dimension, const float *cosines, const float *sines) {
    functions(level)->rotate(x, rows, stride, heads, dimension, cosines, sines);
}

size_t decoder_largest(tensor_level level, const float *x, size_t count) { return functions(level)->largest(x, count); }

double decoder_exponentials(tensor_level level, float *x, size_t count, float largest, float scale) { return functions(level)->exponentials(x, count, largest, scale); }

void decoder_store(tensor_level level, const struct decoder_cache *cache, const float *keys, const float *values, size_t rows, size_t stride, size_t position, float *scratch) {
    functions(level)->store(cache, keys, values, rows, stride, position, scratch);
}

size_t decoder_attend_scratch(const struct decoder_cache *cache, size_t end) {
    size_t positions = (end + 15) / 16 * 16;
    size_t tile = most_tile * (cache->dimension + cache->padded + positions);
    return tile + (cache->is_half ? positions * (cache->dimension + cache->padded) : 0);
}

void decoder_attend(tensor_level level, const struct decoder_cache *cache, const float *queries, size_t stride, size_t query_heads, size_t rows, size_t position,
                    float *output, size_t output_stride, float *scratch) {
    functions(level)->attend(cache, queries, stride, query_heads, rows, position, output, output_stride, scratch);
}
