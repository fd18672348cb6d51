#include <stdalign.h>

#include "dispatch.h"

enum {
    // Of the inputs, as many at a time as make 52 KB of a panel. While all rows pass it, that is read from the second-level cache at 11 bytes a cycle at most; smaller
    // chunks, which would fit the first level, cost more for storing the sums in between (measured: 52 and 104 KB are 5-10% faster than 26 KB).
    chunk_bytes = 52 << 10,
    // Of the rows, as many at a time as leave their part of a chunk, four bytes of a row for each step of a panel, in half of a second-level cache of 1 MB.
    most_rows = 264,
};

/// Rows in tiles, as even as can be: tile `index` of `count` begins at this row.
static size_t tile_start(size_t rows, size_t count, size_t index) { return rows / count * index + (index < rows % count ? index : rows % count); }

static size_t tile_count(size_t rows, const struct tile_kernel *kernel) { return (rows + kernel->rows - 1) / kernel->rows; }

size_t tensor_activation_bytes(tensor_level level, tensor_format format, size_t rows, size_t inputs) {
    const struct format_layout *layout = format_layouts + format;
    return rows * blocks_of(layout, inputs) * block_words(tile_kernel_of(level, format), layout) * 4;
}

size_t tensor_activation_tiles(tensor_level level, tensor_format format, size_t rows) { return tile_count(rows, tile_kernel_of(level, format)); }

void tensor_pack_activations(tensor_level level, tensor_format format, const float *values, size_t stride, size_t rows, size_t inputs, size_t first_tile,
                             size_t end_tile, void *packed) {
    const struct tile_kernel *kernel = tile_kernel_of(level, format);
    const struct format_layout *layout = format_layouts + format;
    const size_t words = blocks_of(layout, inputs) * block_words(kernel, layout), tiles = tile_count(rows, kernel);
    for (size_t tile = first_tile; tile < end_tile; tile++) {
        size_t start = tile_start(rows, tiles, tile), end = tile_start(rows, tiles, tile + 1);
        kernel->pack(end - start, inputs, values + start * stride, stride, (uint32_t *)packed + start * words);
    }
}

/// A tile into a panel of which only `columns` outputs are wanted.
static void multiply_edge(tile_product *product, size_t rows, size_t blocks, const uint32_t *x, const uint8_t *weights, size_t columns, float *out, size_t stride,
                          int accumulate) {
    float whole[16 * panel];
    if (accumulate)
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < panel; c++) whole[r * panel + c] = c < columns ? out[r * stride + c] : 0;
    product(rows, blocks, x, weights, whole, panel, accumulate);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) out[r * stride + c] = whole[r * panel + c];
}

void tensor_multiply(tensor_level level, tensor_format format, const void *weights, size_t outputs, size_t inputs, const void *activations, size_t rows,
                     size_t first_panel, size_t end_panel, float *out, size_t stride, int accumulate) {
    const struct tile_kernel *kernel = tile_kernel_of(level, format);
    const struct format_layout *layout = format_layouts + format;
    const size_t blocks = blocks_of(layout, inputs), words = block_words(kernel, layout), tiles = tile_count(rows, kernel);
    // One tile reads each weight once, front to back.
    const int widens = tiles > 1 && kernel->widen;
    const size_t chunk_block_bytes = widens ? widened_block_bytes : layout->block_bytes;
    const size_t most_blocks = chunk_bytes / chunk_block_bytes, chunks = tiles > 1 ? (blocks + most_blocks - 1) / most_blocks : 1;
    const size_t chunk = (blocks + chunks - 1) / chunks;
    tile_product *product = widens ? kernel->widened_product : kernel->product;
    const size_t tiles_at_once = most_rows / kernel->rows;
    alignas(64) uint8_t widened[chunk_bytes];

    for (size_t first_tile = 0; first_tile < tiles; first_tile += tiles_at_once) {
        const size_t end_tile = tiles - first_tile < tiles_at_once ? tiles : first_tile + tiles_at_once;
        for (size_t block = 0; block < blocks; block += chunk) {
            const size_t count = blocks - block < chunk ? blocks - block : chunk;
            for (size_t p = first_panel; p < end_panel; p++) {
                const uint8_t *w = (const uint8_t *)weights + (p * blocks + block) * layout->block_bytes;
                if (widens) {
                    kernel->widen(count, w, widened);
                    w = widened;
                }
                const size_t columns = outputs - p * panel;
                for (size_t tile = first_tile; tile < end_tile; tile++) {
                    const size_t start = tile_start(rows, tiles, tile), height = tile_start(rows, tiles, tile + 1) - start;
                    const uint32_t *x = (const uint32_t *)activations + start * blocks * words + block * words * height;
                    float *corner = out + start * stride + p * panel;
                    if (columns >= panel) product(height, count, x, w, corner, stride, accumulate || block > 0);
                    else multiply_edge(product, height, count, x, w, columns, corner, stride, accumulate || block > 0);
                }
            }
        }
    }
}
