#pragma once
// bfloat16: the upper half of a single-precision number.
#include <stdint.h>
#include <string.h>

/// Rounded to nearest even. A NaN stays one: rounding could carry its fraction into the exponent.
static inline uint16_t bfloat_from(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return (bits & 0x7fffffff) > 0x7f800000 ? (uint16_t)(bits >> 16 | 0x40) : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static inline float bfloat_widened(uint16_t brain) {
    uint32_t bits = (uint32_t)brain << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
