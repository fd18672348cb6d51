#pragma once
// Products of activations with packed weights, `out = x · Wᵀ`, for each processor's widest instructions.
//
// Weights are packed once, at load, into panels of 32 outputs. A panel is a row of blocks, one after the other along the inputs; each begins with its
// 32 scales, where its format has scales, and goes on with steps of 128 bytes: four bytes of every output of the panel. One copy serves both a single row
// (a panel is read front to back, one stream, each byte once) and many rows (a chunk of a panel stays in the first-level cache while all rows pass it).
//
// Each output's sum runs over the inputs in order, whatever the number of rows and however the outputs are split over threads: a row's result does not
// depend on the rows beside it.
#include <stddef.h>
#include <stdint.h>

/// How weights are kept: single precision; bfloat16; eight bits with a bfloat16 scale per 64 inputs; four bits (codes of a table) with one per 32.
typedef enum { tensor_float32, tensor_bfloat16, tensor_int8, tensor_int4 } tensor_format;

/// Sets of instructions that products are written for.
typedef enum {
    tensor_portable,
    tensor_avx2,           ///< with FMA
    tensor_avx512,         ///< F, BW, DQ, VL
    tensor_avx512_vnni,    ///< and dot products of bytes
    tensor_avx512_bfloat,  ///< and dot products of bfloat16
    tensor_neon,
    tensor_neon_dot,       ///< and dot products of bytes
} tensor_level;
enum { tensor_levels = tensor_neon_dot + 1, tensor_formats = tensor_int4 + 1, tensor_panel_outputs = 32 };

/// Whether this processor runs a level.
int tensor_has_level(tensor_level level);

/// The fastest level that this processor runs.
tensor_level tensor_best_level(void);

/// Bytes of a packed matrix: whole panels of 32 outputs, whole blocks of inputs.
size_t tensor_packed_bytes(tensor_format format, size_t outputs, size_t inputs);

/// Packs `count` rows of weights, row-major, from output `first` on; `first` is a multiple of 32. Missing outputs of the last panel become zeros.
void tensor_pack_weights(tensor_format format, const float *rows, size_t first, size_t count, size_t inputs, void *packed);

/// One row of a packed matrix in single precision, `inputs` numbers.
void tensor_unpack_row(tensor_format format, const void *packed, size_t inputs, size_t row, float *values);

/// Bytes that `tensor_pack_activations` writes.
size_t tensor_activation_bytes(tensor_level level, tensor_format format, size_t rows, size_t inputs);

/// How many tiles a level's kernels cut rows of activations into.
size_t tensor_activation_tiles(tensor_level level, tensor_format format, size_t rows);

/// Lays rows of activations out for products with weights of a format: converted, quantised where the format asks for it, interleaved; a range of tiles.
///
/// - stride: from one row of `values` to the next, in numbers.
void tensor_pack_activations(tensor_level level, tensor_format format, const float *values, size_t stride, size_t rows, size_t inputs, size_t first_tile,
                             size_t end_tile, void *packed);

/// `out = x · Wᵀ` for a range of panels (panel p holds outputs 32·p and on), over activations packed for the same level and format.
///
/// - stride: from one row of `out` to the next, in numbers.
/// - accumulate: adds to what `out` holds instead of writing over it.
void tensor_multiply(tensor_level level, tensor_format format, const void *weights, size_t outputs, size_t inputs, const void *activations, size_t rows,
                     size_t first_panel, size_t end_panel, float *out, size_t stride, int accumulate);

/// Zeroed memory for packed weights, aligned to a cache line; large blocks ask for large pages, which a long read goes through without stopping.
/// Freed by `tensor_free` with the same size.
void *tensor_allocate(size_t bytes);
void tensor_free(void *memory, size_t bytes);
