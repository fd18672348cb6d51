#include "encoder.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

// The same source for each width of registers; the widest that the processor has is taken when called. `ROWS × VECTORS` sums are kept in registers by a product, so that
// each vector that is read serves ROWS times and each single number VECTORS times.
#define NAMED_(name, suffix) name##_##suffix
#define NAMED(name, suffix) NAMED_(name, suffix)

#if defined(__x86_64__)
#define SUFFIX avx512
#define LANES 16
#define ROWS 6
#define VECTORS 4
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "encoder_kernels.h"
#pragma clang attribute pop
#undef SUFFIX
#undef LANES
#undef ROWS
#undef VECTORS

#define SUFFIX avx2
#define LANES 8
#define ROWS 6
#define VECTORS 2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "encoder_kernels.h"
#pragma clang attribute pop
#undef SUFFIX
#undef LANES
#undef ROWS
#undef VECTORS
#define PORTABLE_VECTORS 2
#else
#define PORTABLE_VECTORS 4
#endif

// SSE2 has sixteen registers of four numbers, NEON thirty-two.
#define SUFFIX portable
#define LANES 4
#define ROWS 6
#define VECTORS PORTABLE_VECTORS
#include "encoder_kernels.h"
#undef SUFFIX
#undef LANES
#undef ROWS
#undef VECTORS

#if defined(__x86_64__)
#define AT_LEVEL(name, ...) \
    (level >= tensor_avx512 ? name##_avx512(__VA_ARGS__) : level >= tensor_avx2 ? name##_avx2(__VA_ARGS__) : name##_portable(__VA_ARGS__))
#else
#define AT_LEVEL(name, ...) ((void)level, name##_portable(__VA_ARGS__))
#endif

void tensor_layer_norm(tensor_level level, const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t rows, size_t columns) {
    AT_LEVEL(layer_norm, input, weight, bias, epsilon, output, rows, columns);
}

void tensor_add_bias(tensor_level level, float *sum, const float *bias, size_t rows, size_t columns) { AT_LEVEL(add_bias, sum, bias, rows, columns); }

void tensor_add_bias_layer_norm(tensor_level level, float *sum, const float *sum_bias, const float *weight, const float *bias, float epsilon, float *output, size_t rows,
                                size_t columns) {
    AT_LEVEL(add_bias_layer_norm, sum, sum_bias, weight, bias, epsilon, output, rows, columns);
}

void tensor_gelu_with_bias(tensor_level level, float *values, const float *bias, size_t rows, size_t columns) { AT_LEVEL(gelu_with_bias, values, bias, rows, columns); }

size_t tensor_encoder_attention_scratch(tensor_level level, size_t tokens, size_t head_width) { return AT_LEVEL(attention_scratch, tokens, head_width); }

void tensor_encoder_attention(tensor_level level, const float *queries, const float *query_bias, size_t query_count, const float *keys_values, const float *key_value_bias,
                              const float *extra_key, const float *extra_value, size_t tokens, size_t heads, size_t head_width, float *scratch, float *output) {
    AT_LEVEL(attention, queries, query_bias, query_count, keys_values, key_value_bias, extra_key, extra_value, tokens, heads, head_width, scratch, output);
}
