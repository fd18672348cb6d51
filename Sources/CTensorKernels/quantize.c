#include "quantize.h"

#include <math.h>

#include "bfloat.h"

// Denser around zero, where most weights are: on normally distributed weights their error is a tenth less than that of even steps.
// The values are those of llama.cpp's IQ4_NL (MIT), and no more than 1% from the best for normal weights.
const uint8_t int4_values[16] = {1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241};

/// The largest magnitude; infinite or NaN where one of the numbers is.
static float largest_magnitude(const float *values, size_t count) {
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, 4);
        bits &= 0x7fffffff;
        largest = bits > largest ? bits : largest;
    }
    float value;
    memcpy(&value, &largest, 4);
    return value;
}

static void store_scale(uint16_t scale, uint8_t *block, size_t output) { memcpy(block + 2 * output, &scale, 2); }

static void quantize_int8(const float *values, uint8_t *block, size_t output) {
    const float largest = largest_magnitude(values, 64);
    // Rounded up: with a smaller one the largest weight would not fit.
    uint16_t scale = bfloat_from(largest / 127);
    if (bfloat_widened(scale) * 127 < largest) scale++;
    const float factor = largest < 0x1p-100f || !(largest < INFINITY) ? 0 : 1 / bfloat_widened(scale);
    store_scale(factor == 0 && largest < 1 ? 0 : scale, block, output);
    for (size_t i = 0; i < 64; i++) {
        float number = factor == 0 ? 0 : __builtin_rintf(values[i] * factor);
        block[scale_bytes + i / 4 * step_bytes + 4 * output + i % 4] = (uint8_t)(128 + (int)(number > 127 ? 127 : number < -127 ? -127 : number));
    }
}

static int nearest_code(float value) {
    int code = 0;
    while (code < 15 && value > ((float)int4_values[code] + (float)int4_values[code + 1]) * 0.5f - 128) code++;
    return code;
}

static void quantize_int4(const float *values, uint8_t *block, size_t output) {
    const float largest = largest_magnitude(values, 32);
    uint8_t codes[32];
    memset(codes, 8, sizeof codes);
    uint16_t chosen = largest < 0x1p-100f ? 0 : 0x7fc0;
    if (largest >= 0x1p-100f && largest < INFINITY) {
        // In parts of the largest, so that no square leaves the range of single precision.
        float parts[32], most = -1;
        for (size_t i = 0; i < 32; i++) parts[i] = values[i] / largest;
        for (int attempt = -8; attempt < 8; attempt++) {
            float scale = 1.0f / (float)(90 + 5 * (attempt < 0 ? -attempt - 1 : attempt)) * (attempt < 0 ? -1 : 1);
            float product = 0, square = 0;
            for (size_t i = 0; i < 32; i++) {
                float level = (float)(int4_values[nearest_code(parts[i] / scale)] - 128);
                product += level * parts[i];
                square += level * level;
            }
            // What the best scale for these codes takes off the squared error.
            if (square > 0 && product * product > most * square) {
                most = product * product / square;
                chosen = bfloat_from(product / square * largest);
            }
        }
        for (size_t i = 0; i < 32; i++) codes[i] = (uint8_t)nearest_code(values[i] / bfloat_widened(chosen));
    }
    store_scale(chosen, block, output);
    for (size_t i = 0; i < 32; i += 8)
        for (size_t k = 0; k < 4; k++) block[scale_bytes + i / 8 * step_bytes + 4 * output + k] = (uint8_t)(codes[i + k] | codes[i + 4 + k] << 4);
}

void quantize_column(tensor_format format, const float *values, uint8_t *block, size_t output) {
    if (format == tensor_int8) quantize_int8(values, block, output);
    else quantize_int4(values, block, output);
}
