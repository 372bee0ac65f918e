"""PhoneXL: phonemes as a second input channel, three alignment losses."""
