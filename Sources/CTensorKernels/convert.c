#include "convert.h"

#include <string.h>

void tensor_from_bfloat(const uint16_t *brain, float *single, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)brain[i] << 16;
        memcpy(single + i, &bits, sizeof bits);
    }
}

void tensor_to_bfloat(const float *single, uint16_t *brain, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, single + i, sizeof bits);
        // A NaN stays one: rounding could carry its fraction into the exponent.
        brain[i] = (bits & 0x7fffffff) > 0x7f800000 ? (uint16_t)(bits >> 16 | 0x40) : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
}

void tensor_from_half(const uint16_t *half, float *single, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t sign = (uint32_t)(half[i] & 0x8000) << 16, exponent = half[i] >> 10 & 31, fraction = half[i] & 0x3ff;
        uint32_t bits;
        if (exponent == 0) {
            float value = (float)fraction * 0x1p-24f;
            memcpy(&bits, &value, sizeof bits);
            bits |= sign;
        } else {
            bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
        }
        memcpy(single + i, &bits, sizeof bits);
    }
}

void tensor_to_half(const float *single, uint16_t *half, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, single + i, sizeof bits);
        uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
        bits &= 0x7fffffff;
        if (bits > 0x7f800000) half[i] = sign | 0x7e00;
        else if (bits >= 0x477ff000) half[i] = sign | 0x7c00;
        else if (bits < 0x38800000) {
            // Adding one half in the last place of the smallest normal number lets the processor round.
            float value;
            memcpy(&value, &bits, sizeof value);
            value += 0.5f;
            uint32_t sum;
            memcpy(&sum, &value, sizeof sum);
            half[i] = sign | (uint16_t)(sum - 0x3f000000);
        } else {
            half[i] = sign | (uint16_t)((bits - 0x38000000 + 0xfff + (bits >> 13 & 1)) >> 13);
        }
    }
}
