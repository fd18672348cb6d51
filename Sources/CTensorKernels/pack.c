// Packing of weights: quantisation, and the order that the kernels read them in.
#include <stdalign.h>

#include "bfloat.h"
#include "dispatch.h"

// value = 10.5·t + 0.084·t³ for t = -8 … 7, plus 128: closer together around zero, where most weights are. On normally distributed weights, with the scale searched for,
// the error is a tenth less than that of sixteen even steps; the cubic was chosen for that, among those that have zero as a value.
const uint8_t int4_values[16] = {1, 26, 47, 65, 81, 94, 106, 117, 128, 139, 150, 162, 175, 191, 209, 230};

size_t tensor_packed_bytes(tensor_format format, size_t outputs, size_t inputs) {
    return (outputs + panel - 1) / panel * blocks_of(format_layouts + format, inputs) * format_layouts[format].block_bytes;
}

void tensor_pack_weights(tensor_format format, const float *rows, size_t first, size_t count, size_t inputs, void *packed) {
    const struct weight_packing *packing = weight_packing_of(tensor_best_level());
    const struct format_layout *layout = format_layouts + format;
    const size_t panel_bytes = blocks_of(layout, inputs) * layout->block_bytes;
    // Of each row some cache lines at a time: the rows of a panel may all lie in the same set of a cache.
    enum { most_inputs = 64 };
    static const float zeros[most_inputs];
    const size_t length = layout->has_scales ? layout->block_inputs : most_inputs;
    alignas(64) float columns[most_inputs * panel];
    float ends[panel][most_inputs];
    for (size_t row = 0; row < count; row += panel) {
        uint8_t *out = (uint8_t *)packed + (first + row) / panel * panel_bytes;
        for (size_t start = 0; start < inputs; start += length) {
            const size_t present = inputs - start < length ? inputs - start : length;
            const float *parts[panel];
            for (size_t o = 0; o < panel; o++) {
                const float *part = row + o < count ? rows + (row + o) * inputs + start : zeros;
                if (present < length) {
                    memset(ends[o], 0, sizeof ends[o]);
                    part = memcpy(ends[o], part, present * sizeof *part);
                }
                parts[o] = part;
            }
            packing->transpose(parts, length, columns);
            packing->pack[format](columns, present, out + start / layout->block_inputs * layout->block_bytes);
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
