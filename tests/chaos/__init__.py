"""The whole site of `make run` under random kills while residents send; what was promised is counted afterwards."""
