#pragma once
// How packed weights and activations lie in memory; see products.h.
#include "products.h"

enum {
    panel = tensor_panel_outputs,
    step_bytes = panel * 4,
    scale_bytes = panel * 2,
    widened_int4_bytes = scale_bytes + 8 * step_bytes,
};

/// Geometry of a format. A block of activations is `scales` words of each row (the sum that corrects for weights being unsigned, and the scale), then its steps.
struct format_layout {
    size_t block_inputs;
    size_t block_bytes;
    /// Groups of inputs that share a 32-bit word of a row's activations: 1 input, 2 or 4.
    size_t groups;
    int has_scales;
};

static const struct format_layout format_layouts[tensor_formats] = {
    [tensor_float32] = {1, step_bytes, 1, 0},
    [tensor_bfloat16] = {2, step_bytes, 1, 0},
    [tensor_int8] = {64, scale_bytes + 16 * step_bytes, 16, 1},
    [tensor_int4] = {32, scale_bytes + 4 * step_bytes, 8, 1},
};

/// Products of up to `rows` rows with the blocks of one panel; a kernel for each number of rows, so that all sums stay in registers.
typedef void tile_product(size_t rows, size_t blocks, const uint32_t *activations, const uint8_t *weights, float *out, size_t stride, int accumulate);

/// Lays `rows` rows out as a tile does with them: `[block][word][row]`.
typedef void tile_packing(size_t rows, size_t inputs, const float *values, size_t stride, uint32_t *packed);

/// One format's functions of one level.
struct tile_kernel {
    /// The most rows that a tile's sums find registers for.
    size_t rows;
    /// Words of a row's activations that a group of inputs takes.
    size_t group_words;
    tile_packing *pack;
    tile_product *product;
    /// The product over blocks whose weights were widened (four bits to bytes, bfloat16 to single precision), which pays when several tiles go over them; or NULL.
    tile_product *widened_product;
    void (*widen)(size_t blocks, const uint8_t *weights, uint8_t *widened);
    size_t widened_block_bytes;
};

/// How weights are packed.
struct weight_packing {
    /// `columns[input][output] = rows[output][input]`; `count` inputs, a multiple of 4.
    void (*transpose)(const float *const rows[panel], size_t count, float *columns);
    /// Packs columns of 32 outputs: one block, or up to 64 inputs of the formats without scales.
    void (*pack[tensor_formats])(const float *columns, size_t count, uint8_t *packed);
};

/// Words of one row's activations for a block.
static inline size_t block_words(const struct tile_kernel *kernel, const struct format_layout *layout) {
    return (layout->has_scales ? 2 : 0) + layout->groups * kernel->group_words;
}

static inline size_t blocks_of(const struct format_layout *layout, size_t inputs) { return (inputs + layout->block_inputs - 1) / layout->block_inputs; }

extern const struct tile_kernel portable_kernels[tensor_formats];
extern const struct weight_packing portable_packing;
#if defined(__x86_64__)
extern const struct tile_kernel avx2_kernels[tensor_formats];
extern const struct tile_kernel avx512_kernels[tensor_formats];
extern const struct weight_packing avx2_packing, avx512_packing;
extern const struct tile_kernel vnni_kernels[tensor_formats];  // the formats of whole numbers
extern const struct tile_kernel bfloat_kernels[tensor_formats];  // bfloat16
#elif defined(__aarch64__)
extern const struct tile_kernel neon_kernels[tensor_formats];
extern const struct weight_packing neon_packing;
extern const struct tile_kernel neon_dot_kernels[tensor_formats];  // the formats of whole numbers
#endif

/// The four-bit codes' values, plus 128: the kernels take weights as unsigned bytes.
extern const uint8_t int4_values[16];
