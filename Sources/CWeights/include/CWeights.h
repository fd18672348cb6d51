#pragma once
#include <stddef.h>
#include <stdint.h>

/// The bytes of one model's weights: a safetensors file, little-endian.
typedef struct {
    const uint8_t *bytes;
    size_t count;
} mvfleet_weights;

/// The beat and downbeat network and the classifier of the metrical level.
mvfleet_weights mvfleet_rhythm_weights(void);

/// The chord network, the chords' transitions in each mode, and the key head.
mvfleet_weights mvfleet_harmony_weights(void);
