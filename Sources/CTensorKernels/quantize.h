#pragma once
#include "layout.h"

/// Quantises one block of one row (64 or 32 numbers) into its place in a packed block: column `output` of the panel.
void quantize_column(tensor_format format, const float *values, uint8_t *block, size_t output);
