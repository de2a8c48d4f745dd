"""What scenes of digits are made of."""
