#pragma once
// What stands between the matrix products of a pre-norm transformer encoder. All matrices are row-major and single precision.
#include <stddef.h>

/// Each row to mean 0 and variance 1 (biased, plus `epsilon`), times `weight`, plus `bias`.
void tensor_layer_norm(const float *input, const float *weight, const float *bias, float epsilon, float *output, size_t rows, size_t columns);

/// `sum += term + bias`, the bias to every row.
void tensor_add_with_bias(float *sum, const float *term, const float *bias, size_t rows, size_t columns);

/// `sum += term + bias`, and then the layer norm of the sum into `output`, in one pass over memory.
void tensor_add_layer_norm(float *sum, const float *term, const float *term_bias, const float *weight, const float *bias, float epsilon, float *output, size_t rows,
                           size_t columns);

/// `x = gelu(x + bias)`, the exact form x · ½ (1 + erf(x / √2)); erf is within 4e-7 of the true one.
void tensor_gelu_with_bias(float *values, const float *bias, size_t rows, size_t columns);

/// Numbers of scratch that `tensor_encoder_attention` needs.
size_t tensor_encoder_attention_scratch(size_t tokens, size_t head_width);

/// Attention of one sequence, all heads, every query to every key: softmax(q kᵀ / √head_width) v. One more key and value than there are tokens: `extra_key` and `extra_value`.
/// exp is within 2e-7 of the true one, relatively.
///
/// - queries: `query_count` rows of heads × head_width numbers, without their bias `query_bias`.
/// - keys_values: `tokens` rows, each with the keys of all heads and then the values of all heads, without their bias `key_value_bias`.
/// - output: `query_count` rows of heads × head_width numbers.
/// - scratch: as many numbers as above, aligned to 64 bytes.
void tensor_encoder_attention(const float *queries, const float *query_bias, size_t query_count, const float *keys_values, const float *key_value_bias, const float *extra_key,
                              const float *extra_value, size_t tokens, size_t heads, size_t head_width, float *scratch, float *output);
