#pragma once
// What stands between the matrix products of a pre-norm transformer encoder. All matrices are row-major and single precision; the level must be one that the
// processor has.
#include <stddef.h>

#include "products.h"

/// Each row to mean 0 and variance 1 (biased, plus `epsilon`), times `weight`, plus `bias`.
void tensor_layer_norm(tensor_level level, const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t rows, size_t columns);

/// `sum += bias` in every row.
void tensor_add_bias(tensor_level level, float *sum, const float *bias, size_t rows, size_t columns);

/// `sum += sum_bias` in every row, and then the layer norm of the sum into `output`, in one pass over memory.
void tensor_add_bias_layer_norm(tensor_level level, float *sum, const float *sum_bias, const float *weight, const float *bias, float epsilon, float *output, size_t rows,
                                size_t columns);

/// `x = gelu(x + bias)`, the exact form x · ½ (1 + erf(x / √2)); erf is within 4e-7 of the true one.
void tensor_gelu_with_bias(tensor_level level, float *values, const float *bias, size_t rows, size_t columns);

/// Numbers of scratch that `tensor_encoder_attention` needs.
size_t tensor_encoder_attention_scratch(tensor_level level, size_t tokens, size_t head_width);

/// Attention of one sequence, all heads, every query to every key: softmax(q kᵀ / √head_width) v. One more key and value than there are tokens: `extra_key` and `extra_value`.
/// exp is within 2e-7 of the true one, relatively.
///
/// - queries: `query_count` rows of heads × head_width numbers, without their bias `query_bias`.
/// - keys_values: `tokens` rows, each with the keys of all heads and then the values of all heads, without their bias `key_value_bias`.
/// - output: `query_count` rows of heads × head_width numbers.
/// - scratch: as many numbers as above, aligned to 64 bytes.
void tensor_encoder_attention(tensor_level level, const float *queries, const float *query_bias, size_t query_count, const float *keys_values, const float *key_value_bias,
                              const float *extra_key, const float *extra_value, size_t tokens, size_t heads, size_t head_width, float *scratch, float *output);
