// Packing of weights: quantisation, and the order that the kernels read them in.
#include <math.h>

#include "bfloat.h"
#include "layout.h"
#include "quantize.h"

size_t tensor_packed_bytes(tensor_format format, size_t outputs, size_t inputs) {
    return (outputs + panel - 1) / panel * blocks_of(format_layouts + format, inputs) * format_layouts[format].block_bytes;
}

/// The numbers of one row's block, zeros past the row's end.
static const float *padded_block(const float *row, size_t inputs, size_t start, size_t length, float *padding) {
    if (inputs - start >= length) return row + start;
    memset(padding, 0, length * sizeof *padding);
    memcpy(padding, row + start, (inputs - start) * sizeof *padding);
    return padding;
}

/// One row's part of a run of blocks, for the formats without scales: `length` inputs from `start` on.
static void pack_plain(tensor_format format, const float *row, size_t inputs, size_t start, size_t length, uint8_t *column) {
    const size_t end = inputs - start < length ? inputs : start + length;
    if (format == tensor_float32) {
        for (size_t i = start; i < end; i++) memcpy(column + (i - start) * step_bytes, row + i, 4);
    } else {
        for (size_t i = start; i < end; i += 2) {
            uint16_t pair[2] = {bfloat_from(row[i]), i + 1 < end ? bfloat_from(row[i + 1]) : 0};
            memcpy(column + (i - start) / 2 * step_bytes, pair, 4);
        }
    }
}

void tensor_pack_weights(tensor_format format, const float *rows, size_t first, size_t count, size_t inputs, void *packed) {
    const struct format_layout *layout = format_layouts + format;
    const size_t blocks = blocks_of(layout, inputs);
    // Of each row a cache line or more at a time: the rows of a panel may all lie in the same set of a cache.
    const size_t length = layout->has_scales ? layout->block_inputs : 64;
    for (size_t start_row = 0; start_row < count; start_row += panel) {
        uint8_t *out = (uint8_t *)packed + (first + start_row) / panel * blocks * layout->block_bytes;
        const size_t height = count - start_row < panel ? count - start_row : panel;
        for (size_t start = 0; start < inputs; start += length) {
            uint8_t *block = out + start / layout->block_inputs * layout->block_bytes;
            if (height < panel) {
                static const float zeros[64];
                for (size_t o = height; o < panel; o++) {
                    if (layout->has_scales) quantize_column(format, zeros, block, o);
                    else pack_plain(format, zeros, inputs - start < length ? inputs - start : length, 0, length, block + o * 4);
                }
            }
            for (size_t o = 0; o < height; o++) {
                const float *row = rows + (start_row + o) * inputs;
                float padding[64];
                if (layout->has_scales) quantize_column(format, padded_block(row, inputs, start, length, padding), block, o);
                else pack_plain(format, row, inputs, start, length, block + o * 4);
            }
        }
    }
}

void tensor_unpack_row(tensor_format format, const void *packed, size_t inputs, size_t row, float *values) {
    const struct format_layout *layout = format_layouts + format;
    const uint8_t *block = (const uint8_t *)packed + row / panel * blocks_of(layout, inputs) * layout->block_bytes;
    const size_t output = row % panel;
    for (size_t start = 0; start < inputs; start += layout->block_inputs, block += layout->block_bytes) {
        const size_t count = inputs - start < layout->block_inputs ? inputs - start : layout->block_inputs;
        uint16_t scale;
        memcpy(&scale, block + 2 * output, 2);
        for (size_t i = 0; i < count; i++) {
            switch (format) {
            case tensor_float32: memcpy(values + start + i, block + 4 * output, 4); break;
            case tensor_bfloat16: {
                uint16_t brain;
                memcpy(&brain, block + 4 * output + 2 * i, 2);
                values[start + i] = bfloat_widened(brain);
                break;
            }
            case tensor_int8: values[start + i] = bfloat_widened(scale) * (float)(block[scale_bytes + i / 4 * step_bytes + 4 * output + i % 4] - 128); break;
            case tensor_int4: {
                const uint8_t codes = block[scale_bytes + i / 8 * step_bytes + 4 * output + i % 4];
                values[start + i] = bfloat_widened(scale) * (float)(int4_values[i % 8 < 4 ? codes & 15 : codes >> 4] - 128);
                break;
            }
            }
        }
    }
}
