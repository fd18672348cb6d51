#include "CWeights.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t bytes[] = {
#embed "harmony.safetensors"
};

mvfleet_weights mvfleet_harmony_weights(void) { return (mvfleet_weights){bytes, sizeof bytes}; }
