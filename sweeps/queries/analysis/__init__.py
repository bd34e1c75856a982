"""What the charts of a sweep show beside its trials: analysis that the server computes, attempts on the runners."""
