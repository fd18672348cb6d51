#include "CWeights.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t bytes[] = {
#embed "rhythm.safetensors"
};

mvfleet_weights mvfleet_rhythm_weights(void) { return (mvfleet_weights){bytes, sizeof bytes}; }
