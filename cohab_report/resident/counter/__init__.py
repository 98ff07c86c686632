"""The counter: staff take down what a caller or a visitor tells them, through the residents' own questions and the same intake."""
