#pragma once
// Between single precision and the formats that checkpoints are stored in.
#include <stddef.h>
#include <stdint.h>

/// IEEE 754 half precision to single; exact.
void tensor_from_half(const uint16_t *half, float *single, size_t count);

/// bfloat16 to single; exact.
void tensor_from_bfloat(const uint16_t *brain, float *single, size_t count);

/// Single precision to half, rounded to nearest even; too large becomes infinite.
void tensor_to_half(const float *single, uint16_t *half, size_t count);

/// Single precision to bfloat16, rounded to nearest even.
void tensor_to_bfloat(const float *single, uint16_t *brain, size_t count);
