#pragma once
#include "layout.h"

/// The kernel of a format at a level that the processor has.
const struct tile_kernel *tile_kernel_of(tensor_level level, tensor_format format);

/// How weights are packed at a level; the result differs by rounding at most.
const struct weight_packing *weight_packing_of(tensor_level level);
