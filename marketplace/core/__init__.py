"""What every part of the market shares and nothing depends on: money, states, time, identifiers, policy."""
